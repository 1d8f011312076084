/**
 * `npm run test:soak`: runs of a vault whose token misbehaves by programs of chance: `moduleFaults.ts [--seed N] [--count N]`. A run that breaks an
 * invariant prints its seed, its steps and its program; `--seed N --count 1` has it again.
 */
import { parseArgs } from 'node:util';
import { runSeeds } from '../fault/runSeeds.ts';
import { describeRun } from '../fault/seededRun.ts';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1001' }, count: { type: 'string' } } });
const [first, count] = [Number(values.seed), Number(values.count ?? (process.argv.includes('--seed') ? 1 : 1000))];
let ran = 0;
const reports = await runSeeds(first, count, (report) => {
  ran += 1;
  if (report.broken.length > 0 || count === 1) process.stdout.write(`${report.broken.length === 0 ? 'good' : 'BAD'}  ${describeRun(report)}\n`);
  if (ran % 50 === 0) process.stdout.write(`${ran} of ${count}\n`);
});
const failed = reports.filter(({ broken }) => broken.length > 0).length;
process.stdout.write(`\n${reports.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
