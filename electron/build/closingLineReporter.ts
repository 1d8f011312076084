/** A vitest reporter whose numbers a caller can add up: passed and failed tests, unhandled errors, modules that failed to load. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { needVectorsBeside, vectorsAreBeside } from './vectorsBeside.ts';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Tests on published vectors that are not beside the project. */
  readonly notRun: number;
}

/** Nothing else may be skipped in silence: it counts as failed. */
function mayBeLeftOut(module: TestModule): boolean {
  return !vectorsAreBeside && needVectorsBeside.some((path) => module.moduleId.replaceAll('\\', '/').endsWith(`/${path}`));
}

function tallyModules(modules: readonly TestModule[], errors: readonly unknown[]): Tally {
  let passed = 0;
  let failed = errors.length;
  let notRun = 0;
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    const skipped = states.filter((state) => state === 'skipped').length;
    const leftOut = mayBeLeftOut(module) ? skipped : 0;
    const good = states.filter((state) => state === 'passed').length;
    passed += good;
    notRun += leftOut;
    failed += states.length - good - leftOut;
    if (states.length === 0 || module.errors().length > 0) failed += 1;
  }
  return { passed, failed, notRun };
}

/** Writes the tally as JSON to the file that `STRONGROOM_TALLY` names; the runner prints the closing line. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const file = process.env['STRONGROOM_TALLY'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(tallyModules(modules, errors)));
  }
}
