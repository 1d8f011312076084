/**
 * One run of one seed: a short sequence of operations of the product on a vault whose token misbehaves by a program, then a look at what is left, by
 * an honest module and by programs that are not ours. The same seed makes the same sequence and the same program.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { KnownModule } from '../../electron/vault/index.ts';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import { contract } from '../../shared/ipc/contract.ts';
import type { MethodName, Reply, RequestInput } from '../../shared/ipc/contract.ts';
import { compileFaultShim, makeFaultModule } from '../fixtures/faultModule.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { numbersFrom } from '../fixtures/seededNumbers.ts';
import { makeSoftHsmToken, openTokenFolder } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { faultProgram, pickFrom } from './faultPrograms.ts';
import type { Pick } from './faultPrograms.ts';
import { lookAfter } from './lookAfter.ts';
import { steps } from './runSteps.ts';
import { WatchedLauncher } from './watchedLauncher.ts';

/** Milliseconds: small, so that a run that hangs is short. */
export const limits = { call: 1_200, start: 4_000, generate: 2_500, close: 300, pause: 10 };

/** What every run begins with: a vault and its token, made once. */
export interface RunBase {
  readonly token: SoftHsmToken;
  readonly library: string;
  readonly vaultPath: string;
  remove(): void;
}

/** What the run was told to be true, to be looked at when it is over. */
export interface Claims {
  readonly signatures: { readonly key: string; readonly mechanism: 'rsa-pkcs1-sha256' | 'ecdsa-sha256'; readonly file: string; readonly signature: string }[];
  readonly encrypted: { readonly file: string; readonly plain: string }[];
  readonly decrypted: { readonly file: string; readonly plain: string }[];
  readonly wrapped: string[];
  readonly tags: { readonly file: string; readonly tag: string }[];
  readonly made: { readonly key: string; readonly pair: boolean }[];
  /** CKA_IDs. */
  readonly destroyed: string[];
}

export interface Run {
  readonly t: TestCore;
  readonly fault: FaultModule;
  readonly launcher: WatchedLauncher;
  readonly pick: Pick;
  readonly claims: Claims;
  /** What is not as it should be. */
  readonly broken: string[];
  /** Calls the product; a refusal is looked at and gives undefined. */
  ask<M extends MethodName>(method: M, request: RequestInput<M>): Promise<Reply<M> | undefined>;
}

export interface RunReport {
  readonly seed: number;
  readonly program: readonly string[];
  readonly steps: readonly string[];
  /** The faults that came about. */
  readonly done: readonly string[];
  readonly refusals: readonly string[];
  readonly broken: readonly string[];
}

function coreOf(folder: string, fault: FaultModule, launcher: WatchedLauncher, timeLimits?: typeof limits): TestCore {
  // Node keeps what it compiled of the child's program, which is started some hundred times.
  const environment = { ...fault.environment, NODE_COMPILE_CACHE: join(dirname(fault.modulePath), 'compiled') };
  const knownModule: KnownModule = { name: 'a module that fails by a program', paths: { [process.platform]: [fault.modulePath] }, variables: Object.keys(environment), folders: [folder] };
  const t = makeTestCore({ token: { environment }, knownModule, folder, launcher, ...(timeLimits === undefined ? {} : { timeLimits }) });
  t.answers.pin = '648219';
  return t;
}

export async function makeRunBase(): Promise<RunBase> {
  const token = makeSoftHsmToken('faulty');
  const library = compileFaultShim(token.folder);
  const t = coreOf(token.folder, makeFaultModule(token, library), new WatchedLauncher());
  await t.create();
  await t.call('token.add', { module: t.files.read(library) });
  const make = (name: string, purpose: 'signature' | 'data-encryption' | 'key-wrapping' | 'mac', algorithm: 'rsa-2048' | 'ec-p256' | 'aes-256' | 'hmac-sha256', exportable = false) =>
    t.call('key.generate', { name, purpose, algorithm, place: 'faulty', exportable });
  await make('signer-rsa', 'signature', 'rsa-2048');
  await make('signer-ec', 'signature', 'ec-p256');
  await make('cipher', 'data-encryption', 'aes-256');
  await make('travels', 'data-encryption', 'aes-256', true);
  await make('kek', 'key-wrapping', 'aes-256');
  await make('tags', 'mac', 'hmac-sha256');
  await make('spare', 'data-encryption', 'aes-256');
  writeFileSync(t.path('plain'), 'what every run begins with');
  await t.call('key.encrypt', { key: 'cipher', in: t.read('plain'), out: t.write('base.sr') });
  await t.call('key.encrypt', { key: 'travels', in: t.read('plain'), out: t.write('travels.sr') });
  await t.close();
  return { token, library, vaultPath: t.vaultPath, remove: () => token.remove() };
}

/** In memory where the system has such a place: what a disk keeps is not looked at here, and some thousand commits need not wait for one. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

function copyOf(base: RunBase): { readonly folder: string; readonly fault: FaultModule } {
  const folder = mkdtempSync(join(place, 'strongroom-run-'));
  mkdirSync(join(folder, 'tokens'));
  cpSync(join(base.token.folder, 'tokens'), join(folder, 'tokens'), { recursive: true });
  for (const name of ['test.strongroom', 'plain', 'base.sr', 'travels.sr']) cpSync(join(base.token.folder, name), join(folder, name));
  return { folder, fault: makeFaultModule({ folder, environment: openTokenFolder(folder), modulePath: base.token.modulePath }, base.library) };
}

/** Every refusal is one that the method declares, and says what to do now. */
function refusalFaults(method: MethodName, { code, message, nextStep }: ErrorInfo): readonly string[] {
  const declared: readonly string[] = contract[method].errors;
  return [
    ...(declared.includes(code) ? [] : [`${method}: "${code}" is not declared: ${message}`]),
    ...(nextStep === undefined || nextStep === '' ? [`${method}: "${code}" has no next step: ${message}`] : []),
  ];
}

export async function runSeed(base: RunBase, seed: number): Promise<RunReport> {
  const pick = pickFrom(numbersFrom(seed));
  const program = faultProgram(pick);
  const wanted = Array.from({ length: 3 + pick.below(4) }, () => pick.of(Object.keys(steps) as (keyof typeof steps)[]));
  const { folder, fault } = copyOf(base);
  const launcher = new WatchedLauncher();
  const t = coreOf(folder, fault, launcher, limits);
  const [broken, refusals]: [string[], string[]] = [[], []];
  const claims: Claims = { signatures: [], encrypted: [], decrypted: [], wrapped: [], tags: [], made: [], destroyed: [] };
  const ask: Run['ask'] = async (method, request) => {
    const answer = await t.core.call(method, request);
    broken.push(...launcher.canaryIn(JSON.stringify(answer)).map((what) => `${method}: ${what}`));
    if (answer.ok) return answer.value;
    refusals.push(`${method}: ${answer.error.code}`);
    broken.push(...refusalFaults(method, answer.error));
    return undefined;
  };
  try {
    await t.unlock();
    fault.program(program);
    const run: Run = { t, fault, launcher, pick, claims, broken, ask };
    for (const [index, step] of wanted.entries()) await steps[step](run, index);
    const done = fault.done();
    await t.core.close();
    fault.program([]);
    broken.push(...launcher.faults(limits), ...(await lookAfter(() => coreOf(folder, fault, launcher), folder, claims, base)));
    return { seed, program, steps: wanted, done, refusals, broken };
  } finally {
    await t.core.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a person needs to have the run again. */
export function describeRun({ seed, program, steps: wanted, done, refusals, broken }: RunReport): string {
  return [`seed ${seed}`, ...broken.map((fault) => `  broken: ${fault}`), `  steps: ${wanted.join(', ')}`, ...program.map((line) => `  program: ${line}`), ...done.map((line) => `  obeyed: ${line}`), ...refusals.map((line) => `  refused: ${line}`)].join('\n');
}
