/** Which kills a run makes: all moments of all steps, or some of them by a seed that is printed and can be given back. */
import { courseOf, judge, killsOf, prepareAll } from './killedWork.ts';
import type { Course, Kill } from './killedWork.ts';
import { works } from './works.ts';

export interface Judged {
  readonly name: string;
  /** What is wrong, or nothing. */
  readonly fault: string | undefined;
}

/** As many at once as the machine can do. */
export async function inParallel<A, B>(items: readonly A[], work: (item: A) => Promise<B>, lanes = 2): Promise<readonly B[]> {
  const results: B[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as A);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

export interface Courses {
  readonly courses: readonly Course[];
  remove(): void;
}

/** Every work once, unkilled. */
export async function runCourses(): Promise<Courses> {
  const named = (name: string) => works.filter((work) => work.name === name);
  const prepared = await prepareAll([
    ...named('key.generate, token, AES').map((work) => [work, 'the token answers: generateSecret'] as const),
    ...named('key.sign, software').map((work) => [work, 'link'] as const),
  ]);
  return { courses: await inParallel(works, (work) => courseOf(work, prepared)), remove: prepared.remove };
}

/** What differs on the disk: between one step and the next one nothing but a result file is written. */
function differs({ steps }: Course, { step, moment }: Kill): boolean {
  return moment !== 'after' || step === steps.length - 1 || steps[step]?.name.startsWith('commit') === true;
}

/** At every step, or at `each` of them by work. The end of the last commit is always among them. */
export function stepKills(courses: readonly Course[], random: () => number, each = Number.POSITIVE_INFINITY): readonly (readonly [Course, Kill])[] {
  return courses.flatMap((course) => {
    const kills = killsOf(course);
    if (kills.length <= each) return kills.map((kill) => [course, kill] as const);
    const chosen = kills.filter((kill) => differs(course, kill)).map((kill) => [random(), kill] as const);
    return chosen.sort(([a], [b]) => a - b).slice(0, each).map(([, kill]) => [course, kill] as const);
  });
}

/** After random times, up to somewhat beyond the end of a work. */
export function timeKills(courses: readonly Course[], random: () => number, count: number): readonly (readonly [Course, number])[] {
  return Array.from({ length: count }, () => {
    const course = courses[Math.floor(random() * courses.length)] as Course;
    return [course, Math.round(random() * course.milliseconds * 1.1)] as const;
  });
}

export function judgeAll(kills: readonly (readonly [Course, Kill | number])[], told: (judged: Judged) => void = () => undefined): Promise<readonly Judged[]> {
  return inParallel(kills, async ([course, kill]) => {
    const where = typeof kill === 'number' ? `after ${kill} ms` : `${kill.moment} step ${kill.step + 1} of ${course.steps.length}, ${course.steps[kill.step]?.name}`;
    const judged = { name: `${course.work.name}, killed ${where}`, fault: await judge(course, kill) };
    told(judged);
    return judged;
  });
}
