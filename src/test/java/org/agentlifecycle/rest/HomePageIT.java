package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The home page. */
class HomePageIT extends ApiTestBase {
  private static final Pattern LINK = Pattern.compile("href=\"([^\"]+)\"");

  @Test
  void pageIsHtmlWithoutScript() {
    HttpResponse<String> page = get("/");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(header(page, "Content-Type")).isEqualToIgnoringCase("text/html;charset=UTF-8");
    assertThat(header(page, "Content-Security-Policy")).contains("default-src 'none'");
    assertThat(header(page, "Set-Cookie")).isNull();
    assertThat(page.body())
        .startsWith("<!DOCTYPE html>")
        .contains("<html lang=\"en\">", "<h1>Agent lifecycle service</h1>")
        .doesNotContainIgnoringCase("<script");
  }

  @Test
  void everyLinkOfThePageWorks() {
    List<String> links =
        LINK.matcher(get("/").body()).results().map((MatchResult link) -> link.group(1)).toList();

    assertThat(links).contains("/readme", "/openapi", "/asyncapi", "/health");
    assertThat(links).allSatisfy(link -> assertThat(get(link).statusCode()).isEqualTo(200));
  }

  @Test
  void readmeIsPlainText() {
    HttpResponse<String> readme = get("/readme");

    assertThat(header(readme, "Content-Type")).isEqualToIgnoringCase("text/plain;charset=UTF-8");
    assertThat(readme.body()).contains("## A first session");
  }

  @Test
  void headHasNoBody() {
    HttpResponse<String> head = call("HEAD", "/", null);

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(header(head, "Content-Type")).startsWith("text/html");
    assertThat(head.body()).isEmpty();
  }

  @Test
  void otherMethodIsRejected() {
    HttpResponse<String> response = post("/", "{}");

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(header(response, "Content-Type")).startsWith(PROBLEM);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/index.html", "/README.md", "/readme/", "/nope", "/WEB-INF/README.md"})
  void otherPathIsAProblem(String path) {
    HttpResponse<String> response = get(path);

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(header(response, "Content-Type")).startsWith(PROBLEM);
  }
}
