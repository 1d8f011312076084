/** Many seeded runs, some at a time: while one waits for a module that hangs, others go on. */
import { makeRunBase, runSeed } from './seededRun.ts';
import type { RunReport } from './seededRun.ts';

const atOnce = 4;

export async function runSeeds(first: number, count: number, tell: (report: RunReport) => void = () => undefined): Promise<readonly RunReport[]> {
  const base = await makeRunBase();
  const reports: RunReport[] = [];
  let next = first;
  const lane = async () => {
    while (next < first + count) {
      const seed = next;
      next += 1;
      const report = await runSeed(base, seed);
      reports.push(report);
      tell(report);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  } finally {
    base.remove();
  }
  return reports.toSorted((a, b) => a.seed - b.seed);
}
