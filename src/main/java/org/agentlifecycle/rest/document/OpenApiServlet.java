package org.agentlifecycle.rest.document;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayOutputStream;
import java.util.Collections;
import java.util.Locale;
import org.agentlifecycle.rest.http.AcceptHeader;
import org.agentlifecycle.rest.request.QueryParameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Serves the OpenAPI document, as YAML by default and as JSON on request, as MicroProfile OpenAPI
 * does.
 *
 * <p>The documents that the servers generate from the same file differ, and one of them is invalid:
 * Payara adds a member to the root.
 */
@WebServlet(urlPatterns = OpenApiServlet.PATH, loadOnStartup = 1)
public class OpenApiServlet extends DocumentServlet {
  private static final long serialVersionUID = 1L;

  static final String PATH = "/openapi";

  private static final String YAML = "application/yaml;charset=UTF-8";

  private transient byte[] yaml;
  private transient byte[] json;

  @Override
  public void init() {
    yaml = read("/META-INF/openapi.yaml");
    json = json(yaml);
  }

  /** Converts the document. The members keep their order. */
  public static byte[] json(byte[] yaml) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream(2 * yaml.length);
    JsonMapper.shared().writeValue(octets, new YAMLMapper().readTree(yaml));
    octets.write('\n');
    return octets.toByteArray();
  }

  @Override
  public Representation representation(HttpServletRequest request) {
    QueryParameters parameters = QueryParameters.of(request);
    String format = parameters.single("format");
    if (format != null && !format.matches("(?i)json|yaml")) {
      parameters.errors().add("format", "must be JSON or YAML");
    }
    parameters.rejectUnknown();
    AcceptHeader accept = AcceptHeader.of(Collections.list(request.getHeaders(AcceptHeader.NAME)));
    if (format == null ? prefersJson(accept) : format.toUpperCase(Locale.ROOT).equals("JSON")) {
      return new Representation(MediaType.APPLICATION_JSON, json);
    }
    // A browser shows plain text and downloads YAML.
    return new Representation(accept.names(MediaType.TEXT_HTML) ? TEXT : YAML, yaml);
  }

  private static boolean prefersJson(AcceptHeader accept) {
    return accept.names(MediaType.APPLICATION_JSON)
        && accept.weight(MediaType.APPLICATION_JSON) >= accept.weight("application/yaml");
  }
}
