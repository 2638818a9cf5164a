import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

/** PagesFunction serves both pages at fixed addresses, and all other files flat below /assets/. */
export default defineConfig({
  base: '/assets/',
  plugins: [vue()],
  build: {
    assetsDir: '',
    // The content security policy allows no data: addresses for fonts, and images are small already.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: { input: { console: 'index.html', fill: 'fill.html' } },
  },
});
