// Starts Swagger UI.

/** Replaces the codes in the examples with those of this observatory. */
const withOwnCodes = (text) => {
  const codes = JSON.parse(window.explorer.dataset.codes);
  return ["sud", "doma", "1m0a", "1M0-CAMERA"].reduce(
    (replaced, example, at) => (codes[at] ? replaced.replaceAll(JSON.stringify(example), JSON.stringify(codes[at])) : replaced),
    text,
  );
};

/** Replaces the codes in the examples for programs, and their URL. */
const withOwnExamples = (document) => {
  const [site, enclosure, telescope] = JSON.parse(window.explorer.dataset.codes);
  const url = new URL(window.document.documentElement.dataset.base, location).href.slice(0, -1);
  const own = { sud: site, doma: enclosure, "1m0a": telescope, "http://127.0.0.1:8000": url };
  const { info } = document;
  info.description = info.description.replace(/\b(?:sud|doma|1m0a|http:\/\/127\.0\.0\.1:8000)\b/g, (text) => own[text] ?? text);
  return document;
};

/** Removes the padlocks of operations that anyone may call. */
const withTruePadlocks = (document) => {
  for (const operation of Object.values(document.paths).flatMap(Object.values))
    if (operation.security?.some((scheme) => Object.keys(scheme).length === 0)) operation.security = [];
  return document;
};

/** Declares the document as OpenAPI 3.0: Swagger UI renders it the same, three times as fast. */
const asVersion30 = (document) => ({ ...document, openapi: "3.0.3" });

/** Moves examples of optional parameters into descriptions: Swagger UI would send them all at once, and find nothing. */
const withExamplesAsText = (document) => {
  for (const { parameters = [] } of Object.values(document.paths).flatMap(Object.values))
    for (const parameter of parameters) {
      // Trying out the API should not store a series by accident.
      if (parameter.name === "dry_run") parameter.schema.default = true;
      if (parameter.required || parameter.name === "dry_run") continue;
      parameter.description += ` Example: \`${parameter.example}\`.`;
      delete parameter.example;
    }
  return document;
};

/** Lets signed-in users write from here. */
const withCsrf = (request) => {
  const { csrf } = window.explorer.dataset;
  if (csrf) request.headers["X-CSRF-Token"] = csrf;
  return request;
};

fetch(`${document.documentElement.dataset.base}openapi.json`)
  .then((response) => response.text())
  .then((text) => JSON.parse(withOwnCodes(text)))
  .then((document) =>
    SwaggerUIBundle({
      spec: withOwnExamples(withTruePadlocks(withExamplesAsText(asVersion30(document)))),
      domNode: window.explorer,
      deepLinking: true,
      validatorUrl: null, // Otherwise it sends the document to validator.swagger.io.
      requestInterceptor: withCsrf,
    }),
  );

// Swagger UI brings the page's main part, so the one around it must be none.
const outer = document.createElement("div");
outer.id = "main";
outer.append(...document.querySelector("main").childNodes);
document.querySelector("main").replaceWith(outer);

// Swagger UI puts links into buttons, skips a level of headings, and leaves controls without names.
function repair() {
  for (const part of document.querySelectorAll(".information-container, .scheme-container")) {
    part.setAttribute("role", "region");
    part.setAttribute("aria-label", part.matches(".scheme-container") ? "Server and credentials" : "About the API");
  }
  for (const link of document.querySelectorAll(".opblock-summary-control a[href]")) link.removeAttribute("href");
  for (const heading of document.querySelectorAll("#explorer :is(h3, h4, h5):not([aria-level])"))
    heading.setAttribute("aria-level", Number(heading.localName[1]) - 1);
  for (const select of document.querySelectorAll("#explorer select:not([aria-label])"))
    select.setAttribute("aria-label", select.closest("label, .servers, tr")?.innerText.split("\n")[0] || "Media type");
}
new MutationObserver(repair).observe(window.explorer, { childList: true, subtree: true });
