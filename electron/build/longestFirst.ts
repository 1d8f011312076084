/** The order of the suites: those that take longest begin, so that none of them runs on alone at the end. Vitest would go by the length of their files. */
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const longest = ['test/crash/crash', 'test/fault/seededFaults', 'test/window/pages', 'test/window/survival', 'test/cli/readme', 'test/leak/leak', 'test/window/keysFromElsewhere', 'test/window/badMomentsAtWork', 'test/contract/'];

function rank({ moduleId }: TestSpecification): number {
  const at = longest.findIndex((name) => moduleId.includes(name));
  return at < 0 ? longest.length : at;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.map((file, index) => ({ file, index })).sort((a, b) => rank(a.file) - rank(b.file) || a.index - b.index).map(({ file }) => file);
  }
}
