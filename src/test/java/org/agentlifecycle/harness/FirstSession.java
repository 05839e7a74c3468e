package org.agentlifecycle.harness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The commands of the first session, read from README.md. The README, the text that {@code mvn
 * -Prun} prints and the test that executes the commands therefore agree.
 */
public final class FirstSession {

  /** Address of the service in the README. */
  public static final String ADDRESS = "http://localhost:9080";

  /**
   * Commands of one block and the output that the README shows after it.
   *
   * @param commands each with its continuation lines
   * @param output null if the README shows none
   */
  public record Step(List<String> commands, String output) {}

  private static final Pattern STEP =
      Pattern.compile(
          "^```sh\n(.*?)^```\n(?:```\n(.*?)^```\n)?", Pattern.MULTILINE | Pattern.DOTALL);

  private FirstSession() {}

  /** Returns the steps of the section "A first session". */
  public static List<Step> steps() {
    return steps(section("A first session"));
  }

  /** Returns the commands of the section "A first session". */
  public static List<String> commands() {
    return steps().stream().flatMap(step -> step.commands().stream()).toList();
  }

  static List<Step> steps(String section) {
    List<Step> steps = new ArrayList<>();
    Matcher block = STEP.matcher(section);
    while (block.find()) {
      // a line that ends with a backslash continues on the next line
      List<String> commands = Arrays.asList(block.group(1).strip().split("(?<!\\\\)\n"));
      steps.add(new Step(commands, block.group(2)));
    }
    return steps;
  }

  private static String section(String title) {
    String readme = ProcessLog.read(Workspace.PROJECT.resolve("README.md"));
    String heading = "\n## " + title + "\n";
    int start = readme.indexOf(heading);
    if (start < 0) {
      throw new IllegalStateException("README.md has no section \"" + title + "\"");
    }
    int end = readme.indexOf("\n## ", start + heading.length());
    return readme.substring(start + heading.length(), end < 0 ? readme.length() : end + 1);
  }
}
