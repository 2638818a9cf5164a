import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { serviceWorkerFiles } from './fill/service-worker-files.ts';

/** PagesFunction serves both pages at fixed addresses, and all other files flat below /assets/. */
export default defineConfig({
  base: '/assets/',
  plugins: [vue(), serviceWorkerFiles()],
  build: {
    assetsDir: '',
    // The content security policy allows no data: addresses for fonts, and images are small already.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // ODK Web Forms, in a chunk of its own.
    chunkSizeWarningLimit: 2_000,
    target: 'es2022',
    license: { fileName: 'licenses.txt' },
    rolldownOptions: {
      // ODK Web Forms contains an eval that it does not reach; the content security policy forbids it.
      checks: { eval: false, pluginTimings: false },
      input: { console: 'index.html', fill: 'fill.html', sw: 'fill/sw.ts' },
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : '[name]-[hash].js') },
    },
  },
});
