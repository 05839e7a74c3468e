package org.agentlifecycle.valkey;

/** Names of the functions in the store, for tests that call them directly. */
public final class FunctionNames {
  private static final LibrarySource LIBRARY = LibrarySource.load();

  private FunctionNames() {}

  /** Returns the registered name of a function: the library name is the prefix. */
  public static String of(String function) {
    return LIBRARY.functionName(function);
  }

  /** Returns the text of the library, as a server loads it. */
  public static String code() {
    return LIBRARY.code();
  }
}
