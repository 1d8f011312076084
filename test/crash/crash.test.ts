/**
 * Works killed by SIGKILL: at steps (commits, token calls, names of files) and after random times. What is left is one of the states of the model in
 * `killedWork.ts`. The seed is printed and `STRONGROOM_SEED` gives it back; `npm run test:soak` kills at every moment of every step.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedOf } from '../fixtures/seededNumbers.ts';
import { judgeAll, runCourses, stepKills, timeKills } from './kills.ts';
import type { Courses, Judged } from './kills.ts';
import { works } from './works.ts';

const { random } = seedOf('kills');
/** Kills of each work at steps, and of all works after times. */
const [atSteps, afterTimes] = [1, 12];
let all: Courses;

beforeAll(async () => {
  all = await runCourses();
}, 180_000);
afterAll(() => all.remove());

const bad = (judged: readonly Judged[]) => judged.filter(({ fault }) => fault !== undefined).map(({ name, fault }) => `${name}: ${fault}`);

describe('a work that nobody kills', () => {
  test.each(works.map(({ name }) => name))('%s commits, and changes what it should', (name) => {
    const course = all.courses.find(({ work }) => work.name === name);
    expect(course?.steps.filter((step) => step.name.startsWith('commit')).length).toBeGreaterThan(0);
    const same = course?.before.state === course?.after.state;
    expect(same, course?.after.state).toBe(name.startsWith('vault.unlock'));
  });

  test('takes the steps that are to be killed: the token is asked, files get their names', () => {
    const steps = all.courses.flatMap((course) => course.steps.map((step) => step.name));
    for (const wanted of ['commit', 'commit of the schema', 'ask the token: generatePair', 'the token answers: destroy', 'ask the token: sign', 'link *.tmp exported', 'unlink *.tmp', 'open *.tmp']) expect(steps).toContain(wanted);
  });
});

test('killed at a step, it is as before or as after', async () => {
  expect(bad(await judgeAll(stepKills(all.courses, random, atSteps)))).toEqual([]);
}, 300_000);

test(`killed after ${afterTimes} random times, it is as before or as after`, async () => {
  expect(bad(await judgeAll(timeKills(all.courses, random, afterTimes)))).toEqual([]);
}, 300_000);
