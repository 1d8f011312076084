/** Builds the command line for the packages: two programs that need nothing but Node and, beside them, the packages with native code and graphene-pk11, whose build for bundlers does not find its native half. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig({
  root,
  logLevel: 'warn',
  publicDir: false,
  ssr: { noExternal: true, external: ['better-sqlite3', 'argon2', 'pkcs11js', 'graphene-pk11'] },
  build: {
    ssr: true,
    target: 'node24',
    outDir: `${root}out/command-line`,
    emptyOutDir: true,
    rolldownOptions: {
      input: { strongroom: `${root}electron/cli/packaged.ts`, pkcs11Host: `${root}electron/pkcs11-host/main.ts` },
      output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
});
