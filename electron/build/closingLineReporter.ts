/** A vitest reporter whose numbers a caller can add up: passed and failed tests, unhandled errors, modules that failed to load. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

function tallyModules(modules: readonly TestModule[], errors: readonly unknown[]): Tally {
  let passed = 0;
  let failed = errors.length;
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    passed += states.filter((state) => state === 'passed').length;
    // a skipped or pending test did not pass: nothing may be skipped in silence
    failed += states.filter((state) => state !== 'passed').length;
    if (states.length === 0 || module.errors().length > 0) failed += 1;
  }
  return { passed, failed };
}

/** Writes the tally as JSON to the file that `STRONGROOM_TALLY` names; the runner prints the closing line. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const file = process.env['STRONGROOM_TALLY'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(tallyModules(modules, errors)));
  }
}
