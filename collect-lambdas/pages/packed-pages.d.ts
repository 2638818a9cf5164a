/** The built pages, which esbuild embeds in the bundle as text. `npm ci` builds them (console/build.mjs). */
declare module '*/pages.pack' {
  const text: string;
  export default text;
}
