// Starts Swagger UI. A file of its own, because the page's security policy takes no script that stands in it.

// Swagger UI shows a picture in SVG as its source. An img runs nothing that stands in the picture.
const pictures = () => ({
  wrapComponents: {
    responseBody: (Original, { React }) =>
      function ResponseBody(props) {
        const source = React.createElement(Original, props);
        if (!/^image\/svg\+xml\b/.test(props.contentType) || typeof props.content !== 'string') return source;
        const src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(props.content)}`;
        const style = { maxWidth: '100%', background: '#fff' };
        return React.createElement('div', null, React.createElement('img', { src, style, alt: 'The answer' }), source);
      },
  },
});

window.ui = window.SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: 'openapi.json',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // A token is forgotten with the page: phones and computers of an office are shared.
  persistAuthorization: false,
  plugins: [pictures],
  // The badge would send the specification to a server of Swagger's.
  validatorUrl: null,
});
