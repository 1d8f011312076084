/**
 * `npm run test:soak`: every work is killed at every moment of every step, and after random times: `crashes.ts [TIMES] [SEED]`.
 * The seed is printed and can be given back.
 */
import { judgeAll, runCourses, stepKills, timeKills } from '../crash/kills.ts';
import { numbersFrom } from '../fixtures/seededNumbers.ts';

const times = Number(process.argv[2] ?? 500);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
process.stdout.write(`seed ${seed}\n`);
const random = numbersFrom(seed);
const { courses, remove } = await runCourses();
const judged = await judgeAll([...stepKills(courses, random), ...timeKills(courses, random, times)], ({ name, fault }) => {
  process.stdout.write(`${fault === undefined ? 'good' : 'BAD'}  ${name}${fault === undefined ? '' : `: ${fault}`}\n`);
});
remove();
const failed = judged.filter(({ fault }) => fault !== undefined).length;
process.stdout.write(`\n${judged.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
