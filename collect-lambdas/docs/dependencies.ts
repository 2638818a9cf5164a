import bundle from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'text' };
import license from 'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt' with { type: 'text' };
import css from 'swagger-ui-dist/swagger-ui.css' with { type: 'text' };
import icon from 'swagger-ui-dist/favicon-32x32.png' with { type: 'bytes' };
import type { Logger } from '../shared/logger.ts';
import openapi from './openapi.json' with { type: 'json' };
import page from './page/index.html' with { type: 'text' };
import init from './page/init.js' with { type: 'text' };

/** A file that the page loads. */
export interface DocumentationFile {
  contentType: string;
  content: string | Uint8Array;
}

export interface Dependencies {
  logger: Logger;
  /** openapi.json, as text. */
  openapi: string;
  /** The page's HTML. */
  page: string;
  /** The files that the page loads from /docs/{file}, by name. */
  files: Record<string, DocumentationFile>;
}

/** All files are embedded in the bundle. */
export function createDependencies() {
  return {
    openapi: JSON.stringify(openapi),
    page,
    files: {
      'init.js': { contentType: 'text/javascript; charset=utf-8', content: init },
      'swagger-ui.css': { contentType: 'text/css; charset=utf-8', content: css },
      'swagger-ui-bundle.js': { contentType: 'text/javascript; charset=utf-8', content: bundle },
      'swagger-ui-bundle.js.LICENSE.txt': { contentType: 'text/plain; charset=utf-8', content: license },
      'favicon-32x32.png': { contentType: 'image/png', content: icon },
    },
  };
}
