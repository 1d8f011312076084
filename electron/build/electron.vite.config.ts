/**
 * Builds the application: main process, core worker and module child; the two preloads, each one file; the window's page. The prompt's page has a
 * build of its own, so that the two pages share no code at run time but what each bundles.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig({
  main: {
    root,
    build: {
      outDir: `${root}out/main`,
      rolldownOptions: {
        input: { main: `${root}electron/app/main.ts`, coreWorker: `${root}electron/vault/door/coreWorker.ts`, pkcs11Host: `${root}electron/pkcs11-host/main.ts` },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    root,
    build: {
      outDir: `${root}out/preload`,
      isolatedEntries: true, // a sandboxed preload loads no other file
      rolldownOptions: {
        input: { windowPreload: `${root}electron/preload/windowPreload.ts`, promptPreload: `${root}electron/preload/promptPreload.ts` },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
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
