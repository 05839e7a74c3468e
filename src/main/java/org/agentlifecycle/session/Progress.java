package org.agentlifecycle.session;

/**
 * How far an agent is, as its runner reports it.
 *
 * @param current what is done; null: unknown
 * @param total all there is to do; null: unknown
 * @param message a text for people; null: none
 */
public record Progress(Double current, Double total, String message) {

  /** Maximum value of a number: every client can represent the whole numbers up to it. */
  public static final double MAX = (1L << 53) - 1;

  /** Maximum length of a message, in characters. */
  public static final int MAX_MESSAGE_LENGTH = 512;
}
