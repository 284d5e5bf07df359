import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** `vite build apps/console` → dist/console, which the API serves at /admin. */
export default defineConfig({
  root: folder('.'),
  base: '/admin/',
  logLevel: 'warn',
  build: {
    outDir: folder('../../dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page knows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_500,
    // Packages mark what is for browsers; here everything is.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  // `vite apps/console` while developing, beside a server on its usual port.
  server: {
    proxy: { '/admin/v1': 'http://127.0.0.1:8080', '/pages': 'http://127.0.0.1:8080' },
  },
});
