/** All suites, in forked processes: many of them start children and load native modules. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longestFirst.ts';
import { withoutLine } from './withoutLine.ts';

/** What programs remember that a test starts: never this user's own. */
const state = mkdtempSync(join(tmpdir(), 'strongroom-state-'));
/** Programs that tests start are compiled once: a start costs half as much. */
const compiled = fileURLToPath(new URL('../../out/compiled', import.meta.url));
process.on('exit', () => rmSync(state, { recursive: true, force: true }));

export default defineConfig({
  plugins: withoutLine(),
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    env: { XDG_STATE_HOME: state, NODE_COMPILE_CACHE: compiled },
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', fileURLToPath(new URL('closingLineReporter.ts', import.meta.url))],
  },
});
