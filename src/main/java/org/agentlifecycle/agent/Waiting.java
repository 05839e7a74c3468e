package org.agentlifecycle.agent;

import java.time.Instant;

/**
 * A running agent waits for somebody.
 *
 * @param kind what it waits for
 * @param note a text for the person; null: none
 * @param url where the person can act; null: none
 * @param since when it started to wait for this
 */
public record Waiting(Kind kind, String note, String url, Instant since) {

  /** Maximum length of a note, in characters. */
  public static final int MAX_NOTE_LENGTH = 1024;

  /** What an agent waits for. */
  public enum Kind implements WireName {
    INPUT,
    APPROVAL,
    AUTHORIZATION,
    OTHER
  }
}
