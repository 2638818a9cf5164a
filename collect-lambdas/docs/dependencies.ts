import bundle from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'text' };
import license from 'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt' with { type: 'text' };
import css from 'swagger-ui-dist/swagger-ui.css' with { type: 'text' };
import icon from 'swagger-ui-dist/favicon-32x32.png' with { type: 'bytes' };
import { createSite } from './handler.ts';
import openapi from './openapi.json' with { type: 'json' };
import page from './page/index.html' with { type: 'text' };
import init from './page/init.js' with { type: 'text' };

/** All files are embedded in the bundle. */
export function createDependencies() {
  return createSite(JSON.stringify(openapi), page, {
    'init.js': { contentType: 'text/javascript; charset=utf-8', content: init },
    'swagger-ui.css': { contentType: 'text/css; charset=utf-8', content: css },
    'swagger-ui-bundle.js': { contentType: 'text/javascript; charset=utf-8', content: bundle },
    'swagger-ui-bundle.js.LICENSE.txt': { contentType: 'text/plain; charset=utf-8', content: license },
    'favicon-32x32.png': { contentType: 'image/png', content: icon },
  });
}
