/** All suites, in forked processes: many of them start children and load native modules. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { withoutLine } from './withoutLine.ts';

export default defineConfig({
  plugins: withoutLine(),
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', fileURLToPath(new URL('closingLineReporter.ts', import.meta.url))],
  },
});
