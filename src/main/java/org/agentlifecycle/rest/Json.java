package org.agentlifecycle.rest;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/** The JSON library, set to refuse what is merely nearly JSON. */
final class Json {
  /** How deep a client's own object may be nested, itself included. */
  static final int MAX_DEPTH = 16;

  /** How long the client's own object may be, in octets of UTF-8 as sent. */
  static final int MAX_OBJECT = 16 * 1024;

  /** How many characters a number may have. */
  static final int MAX_NUMBER = 1000;

  /**
   * The document is one level more than the objects in it. Names are not remembered from body to
   * body: clients choose them, and could fill the memory with them.
   */
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH + 1)
                  .maxNumberLength(MAX_NUMBER)
                  .maxNameLength(RequestBody.MAX_LENGTH)
                  .build())
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .build();

  private Json() {}
}
