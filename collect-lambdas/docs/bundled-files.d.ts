/** Files that esbuild embeds in the bundle: `with { type: 'text' }` or `with { type: 'bytes' }`. */
declare module '*.html' {
  const text: string;
  export default text;
}
declare module '*/init.js' {
  const text: string;
  export default text;
}
declare module 'swagger-ui-dist/swagger-ui-bundle.js' {
  const text: string;
  export default text;
}
declare module 'swagger-ui-dist/*.css' {
  const text: string;
  export default text;
}
declare module 'swagger-ui-dist/*.txt' {
  const text: string;
  export default text;
}
declare module 'swagger-ui-dist/*.png' {
  const bytes: Uint8Array;
  export default bytes;
}
