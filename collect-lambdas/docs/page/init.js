// Starts Swagger UI. It is a separate file, because the page's security policy forbids inline scripts.

// Swagger UI shows only the source of an SVG. This also shows the picture, in an img element, which runs no scripts.
const pictures = () => ({
  wrapComponents: {
    responseBody: (Original, { React }) =>
      function ResponseBody(props) {
        const source = React.createElement(Original, props);
        if (!/^image\/svg\+xml\b/.test(props.contentType) || typeof props.content !== 'string') return source;
        const src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(props.content)}`;
        const style = { maxWidth: '100%', background: '#fff' };
        return React.createElement('div', null, React.createElement('img', { src, style, alt: 'The reply' }), source);
      },
  },
});

window.ui = window.SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: 'openapi.json',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // Tokens are not stored, because phones and office computers are shared.
  persistAuthorization: false,
  plugins: [pictures],
  // Without this, a badge would send the document to a server of Swagger.
  validatorUrl: null,
});
