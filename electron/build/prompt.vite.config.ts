/** Builds the trusted prompt's page, alone. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig({
  root: `${root}electron/prompt`,
  base: './',
  logLevel: 'warn',
  build: { outDir: `${root}out/window/prompt`, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2024' },
});
