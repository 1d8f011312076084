/** Builds the window's page. The prompt has a build of its own: the two share no code at run time but what each bundles. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig({
  renderer: {
    root: `${root}renderer`,
    base: './',
    plugins: [react()],
    build: {
      outDir: `${root}out/window/renderer`,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      minify: true,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: { index: `${root}renderer/index.html` } },
    },
  },
});
