// Starts Swagger UI. A file of its own, because the page's security policy takes no script that stands in it.
window.ui = window.SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: 'openapi.json',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // The badge would send the specification to a server of Swagger's.
  validatorUrl: null,
});
