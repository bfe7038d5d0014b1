import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

/** Both pages, with every script, font and worker as a file of their own: the server's policy allows nothing inline and nothing foreign. */
export default defineConfig({
  root: here,
  // Relative, so that the pages work below any path that a proxy puts them under.
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: `${here}/../../dist/web`,
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The editor of the playground is large and loads only there.
    chunkSizeWarningLimit: 6000,
    // GraphiQL's `use no memo` speaks to a compiler that this build does not use.
    rolldownOptions: {
      checks: { moduleLevelDirective: false },
      input: { index: `${here}/index.html`, playground: `${here}/playground.html` },
    },
  },
});
