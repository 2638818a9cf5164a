/** Tells the service worker which files the form page has: a plugin of Vite. */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/** Served below /fill/, as they are named here; every other file is below /assets/. */
export const BESIDE_THE_PAGE = ['manifest.webmanifest', 'icon-192.png', 'icon-512.png'];

export function serviceWorkerFiles(): Plugin {
  return {
    name: 'service-worker-files',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const names = new Set<string>();
      const add = (name: string): void => {
        const file = bundle[name];
        if (names.has(name) || file === undefined) return;
        names.add(name);
        if (file.type !== 'chunk') return;
        const { viteMetadata: metadata } = file;
        const others = [...(metadata?.importedCss ?? []), ...(metadata?.importedAssets ?? [])];
        [...file.imports, ...file.dynamicImports, ...others].forEach(add);
      };
      const worker = bundle['sw.js'];
      const entry = Object.values(bundle).find((file) => file.type === 'chunk' && file.isEntry && file.name === 'fill');
      const html = bundle['fill.html'];
      if (worker?.type !== 'chunk' || entry === undefined || html?.type !== 'asset') {
        this.error('The form page was not built.');
      }
      add(entry.fileName);
      // Other files that the page's HTML names, such as its icon.
      for (const [, name = ''] of String(html.source).matchAll(/"\/assets\/([^"]+)"/g)) add(name);
      const files = [
        '/fill/',
        ...BESIDE_THE_PAGE.map((name) => `/fill/${name}`),
        ...[...names].map((name) => `/assets/${name}`),
      ];
      const version = createHash('sha256').update(JSON.stringify(files)).update(html.source).update(worker.code);
      worker.code = worker.code
        .replaceAll('PAGE_FILES', JSON.stringify(files))
        .replaceAll('PAGE_VERSION', JSON.stringify(version.digest('hex').slice(0, 16)));
    },
  };
}
