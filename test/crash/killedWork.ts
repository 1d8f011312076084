/** Kills a work at a step or after a time, reopens what is left, and holds it against the model: as before (uses may be counted), or as after. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { copyPrepared, filesIn, openCrashCore, prepare, tokenPin } from './crashCore.ts';
import type { Moment, Step } from './stepKiller.ts';
import { newPassphrase, oldPassphrase } from './works.ts';
import type { Work } from './works.ts';

export interface Kill {
  readonly step: number;
  readonly moment: Moment;
}

/** What a work does when nobody kills it. */
export interface Course {
  readonly work: Work;
  readonly prepared: Prepared;
  readonly steps: readonly Step[];
  readonly milliseconds: number;
  readonly before: Seen;
  readonly after: Seen;
}

/** What can be seen of a vault and its token, without what is random. */
interface Seen {
  readonly state: string;
  readonly uses: number;
}

interface Ended {
  /** The steps of a run that came to its end. */
  readonly steps: readonly Step[] | undefined;
  readonly milliseconds: number;
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const compileCache = mkdtempSync(join(tmpdir(), 'strongroom-compiled-'));

/** The process and the modules' processes that it left: each may still be in the call that it was asked for. */
async function groupGone(child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 6_000; tries += 1) {
    try {
      process.kill(-(child.pid ?? 0), 0);
    } catch {
      return;
    }
    await wait(5);
  }
  throw new Error('a process that was left does not end');
}

/** @param kill a step, or milliseconds from the beginning of the work, or nothing */
export async function runWork(work: Work, folder: string, kill: Kill | number | undefined): Promise<Ended> {
  const environment = { ...process.env, NODE_COMPILE_CACHE: compileCache, ...(typeof kill === 'object' ? { KILL_AT: `${kill.step}:${kill.moment}` } : {}) };
  const child = spawn(process.execPath, ['--import', here('stepKiller.ts'), here('worker.ts'), folder, work.name], { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  let [said, complained, began] = ['', '', 0];
  child.stdout.on('data', (text) => {
    said += String(text);
    if (began !== 0) return;
    began = performance.now();
    if (typeof kill === 'number') setTimeout(() => child.kill('SIGKILL'), kill);
  });
  child.stderr.on('data', (text) => {
    complained += String(text);
  });
  const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
  const milliseconds = performance.now() - began;
  await groupGone(child);
  const [, steps] = said.split('\n');
  if (signal !== 'SIGKILL' && (complained !== '' || !steps)) throw new Error(`${work.name} failed: ${complained}`);
  if (typeof kill === 'object' && signal !== 'SIGKILL') throw new Error(`${work.name} took no step ${kill.step}`);
  return { steps: steps ? (JSON.parse(steps) as Step[]) : undefined, milliseconds };
}

/** Opens what is left. The clock is later than any call of a module may take. @returns undefined where there is no vault, or one that was never founded */
async function reopen(work: Work, folder: string): Promise<TestCore | undefined> {
  const t = openCrashCore(folder);
  t.now = Date.now() + 5 * 60 * 1000;
  if (work.begins === 'new' && !existsSync(t.vaultPath)) return undefined;
  const file = () => ({ file: t.files.read(t.vaultPath) });
  let answer = await t.core.call('vault.unlock', file());
  if (!answer.ok && answer.error.code === 'wrong-passphrase') {
    t.answers.passphrase = newPassphrase;
    answer = await t.core.call('vault.unlock', file());
  }
  if (answer.ok) return t;
  if (work.begins === 'new' && answer.error.code === 'vault-truncated') return undefined;
  throw new Error(`what is left does not open: ${answer.error.code}: ${answer.error.message}`);
}

/** Settles what waits, and looks at everything. @throws where vault and token do not agree, or something of the interruption is left */
async function see(t: TestCore, work: Work): Promise<Seen> {
  const { waiting } = await t.call('vault.reconcile', {});
  if (waiting.length > 0) throw new Error(`not settled: ${JSON.stringify(waiting)}`);
  if ((await t.call('vault.info', {})).interrupted !== 0) throw new Error('something still counts as interrupted');
  await t.call('vault.check', {});
  const { keys } = await t.call('key.list', {});
  const shown = await Promise.all(keys.map(({ name }) => t.call('key.show', { key: name })));
  const versions = shown.flatMap(({ key, versions: own }) => own.map(({ number, state, certificate }) => `${key.name} ${number} ${state}${certificate === undefined ? '' : ` ${certificate.fingerprint}`}`));
  const uses = shown.flatMap((key) => key.versions).reduce((sum, { protections, processings }) => sum + protections + processings, 0);
  const { distributions } = await t.call('distribution.list', {});
  const token = work.token ? await lookAtToken(t) : [];
  return { state: JSON.stringify({ passphrase: t.answers.passphrase, versions, distributions: distributions.length, token, files: filesIn(t.folder) }), uses };
}

async function lookAtToken(t: TestCore): Promise<readonly string[]> {
  const { keys, missing } = await t.call('token.info', { token: 'crash' });
  const unknown = keys.filter(({ knownAs }) => knownAs === undefined);
  if (missing.length > 0 || unknown.length > 0) throw new Error(`vault and token do not agree: missing ${missing.join()}, unknown ${unknown.map(({ label }) => label).join()}`);
  return keys.map(({ label }) => label).sort();
}

async function look(work: Work, folder: string, prove: boolean): Promise<Seen> {
  const t = await reopen(work, folder);
  if (t === undefined) return { state: 'no vault', uses: 0 };
  try {
    const seen = await see(t, work);
    if (prove && (work.files ?? []).some((name) => existsSync(t.path(name)))) await work.prove?.(t);
    return seen;
  } finally {
    await t.close();
  }
}

/** A copy of what was prepared; in it, where the work begins so, other works are killed first: their files are known by their paths. */
async function inCopy<T>({ begins }: Work, { folder: from, interruptions }: Prepared, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = copyPrepared(from, begins !== 'new');
  try {
    if (begins === 'interrupted') for (const [work, kill] of interruptions) await runWork(work, folder, kill);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is there before a work is the same for many of them. */
const seenBefore = new Map<string, Promise<Seen>>();

function lookBefore(work: Work, prepared: Prepared): Promise<Seen> {
  const name = `${work.begins} ${work.token}`;
  const looking = seenBefore.get(name) ?? inCopy(work, prepared, (folder) => look(work, folder, false));
  seenBefore.set(name, looking);
  return looking;
}

/** Runs a work to its end, and sees what was before and what is after. */
export async function courseOf(work: Work, prepared: Prepared): Promise<Course> {
  const before = await lookBefore(work, prepared);
  return await inCopy(work, prepared, async (folder) => {
    const { steps = [], milliseconds } = await runWork(work, folder, undefined);
    return { work, prepared, steps, milliseconds, before, after: await look(work, folder, true) };
  });
}

/** Every moment of every step. */
export function killsOf({ steps }: Course): readonly Kill[] {
  return steps.flatMap(({ moments }, step) => moments.map((moment) => ({ step, moment })));
}

/** What the model allows: from the last commit on what is after, before it what was before. */
function allowed({ work, steps, before, after }: Course, kill: Kill | undefined): readonly string[] {
  const last = steps.findLastIndex(({ name }) => name.startsWith('commit'));
  if (kill === undefined) return [before.state, after.state];
  const recorded = kill.step > last || (kill.step === last && kill.moment === 'after');
  if (recorded) return [after.state];
  return work.actsForGood === true ? [before.state, after.state] : [before.state];
}

/** Kills the work, reopens, and judges. @returns undefined where all is well, else what is wrong */
export async function judge(course: Course, kill: Kill | number): Promise<string | undefined> {
  const { work, before, after, prepared } = course;
  return await inCopy(work, prepared, async (folder) => {
    try {
      const { steps } = await runWork(work, folder, kill);
      const seen = await look(work, folder, true);
      const states = steps === undefined ? allowed(course, typeof kill === 'object' ? kill : undefined) : [after.state];
      if (!states.includes(seen.state)) return `${seen.state} is none of ${states.join(' or ')}`;
      if (seen.uses < before.uses || (seen.state === after.state && seen.uses < after.uses)) return `${seen.uses} uses are counted, too few`;
      return seen.uses > after.uses ? `${seen.uses} uses are counted, more than were begun` : undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
}

/** What every kill begins with. */
export interface Prepared {
  readonly folder: string;
  /** Works, and where they are killed, for those that begin with interrupted ones. */
  readonly interruptions: readonly (readonly [Work, Kill])[];
  remove(): void;
}

async function preparedFolder(): Promise<string> {
  const token = makeSoftHsmToken('crash', tokenPin);
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-crash-'));
  cpSync(token.folder, join(folder, 'token'), { recursive: true });
  token.remove();
  const t = openCrashCore(folder);
  t.answers.passphrase = oldPassphrase;
  await prepare(t, token.modulePath);
  await t.close();
  return folder;
}

/** @param interrupted works, and the names of the steps before which they are killed */
export async function prepareAll(interrupted: readonly (readonly [Work, string])[]): Promise<Prepared> {
  const folder = await preparedFolder();
  const interruptions: (readonly [Work, Kill])[] = [];
  const prepared: Prepared = {
    folder,
    interruptions,
    remove: () => {
      for (const made of [folder, compileCache]) rmSync(made, { recursive: true, force: true });
    },
  };
  for (const [work, name] of interrupted) {
    const { steps = [] } = await inCopy(work, prepared, (copy) => runWork(work, copy, undefined));
    interruptions.push([work, { step: steps.findIndex((step) => step.name.startsWith(name)), moment: 'before' }]);
  }
  return prepared;
}
