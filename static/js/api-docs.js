// Starts Swagger UI on the documentation page of the HTTP API.
// A file of its own, because the Content-Security-Policy allows no inline script.
"use strict";

const place = document.getElementById("api-docs");

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  // The validator badge would send the schema's address to another host.
  validatorUrl: null,
  presets: [window.SwaggerUIBundle.presets.apis],
  requestInterceptor(request) {
    // "Try it out" uses the session of who is signed in; its writes need this token.
    if (!["GET", "HEAD", undefined].includes(request.method)) {
      request.headers["X-CSRFToken"] = place.dataset.token;
    }
    return request;
  },
});
