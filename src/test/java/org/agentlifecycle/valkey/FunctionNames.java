package org.agentlifecycle.valkey;

/** The names of the functions in the store, for tests that call them as a server does. */
public final class FunctionNames {
  private static final LibrarySource LIBRARY = LibrarySource.load();

  private FunctionNames() {}

  /** Returns the registered name of a function: "move" has the name of the library before it. */
  public static String of(String function) {
    return LIBRARY.functionName(function);
  }

  /** Returns the text of the library, as a server loads it. */
  public static String code() {
    return LIBRARY.code();
  }
}
