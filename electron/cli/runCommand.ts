/** One command: opens the vault where the method needs one, calls the method, locks, and says what came of it. */
import { homedir } from 'node:os';
import { exitStatus } from '../../shared/errors/errorCodes.ts';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import { contract } from '../../shared/ipc/contract.ts';
import type { Answer, MethodName, Progress, Reply, RequestInput } from '../../shared/ipc/contract.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { createCore, FileGrantTable, systemClock, toErrorInfo } from '../vault/index.ts';
import type { Core } from '../vault/index.ts';
import { makeChildLauncher } from '../host/childLauncher.ts';
import type { LauncherOptions } from '../host/childLauncher.ts';
import { attestationIssuers } from '../host/attestationIssuers.ts';
import { knownModules } from '../host/knownModules.ts';
import { anchorsPath } from '../host/userFolders.ts';
import { logLines, once, withFiles } from './readable.ts';
import { harmless, render, renderError, renderFinding } from './render.ts';
import { withoutPins } from './pinOfUri.ts';
import { requestOf } from './request.ts';
import type { Typed } from './request.ts';
import { TerminalPrompt } from './terminalPrompt.ts';
import type { Answers } from './terminalPrompt.ts';

/** What every command takes besides the fields of its method. */
export interface CommonOptions extends Answers {
  readonly vault?: string;
  readonly as?: string;
  readonly unlockWith?: 'passphrase' | 'token' | 'both';
  readonly readOnly?: boolean;
  readonly json?: boolean;
  readonly overwrite?: boolean;
}

/** The program that loads PKCS#11 modules, and the folder of all that it imports. */
export type ChildProgram = Pick<LauncherOptions, 'program' | 'programFolder'>;

/** Progress on one line of the terminal, ten times a second at most. */
function progressLine(): { show(progress: Progress): void; clear(): void } {
  let last = 0;
  const { stderr } = process;
  const put = (text: string) => stderr.isTTY && stderr.write(`\r\u001b[K${text}`);
  return {
    show: ({ what, done, total }) => {
      if (Date.now() - last < 100) return;
      last = Date.now();
      put(`${what}: ${total === 0 ? 100 : Math.floor((100 * done) / total)} %`);
    },
    clear: () => last > 0 && put(''),
  };
}

export interface Sitting {
  readonly core: Core;
  readonly files: FileGrantTable;
  readonly prompt: TerminalPrompt;
}

/** A core with this terminal, these files and this user's facts. */
export function sitDown(child: ChildProgram, options: CommonOptions, inSession = false): Sitting {
  const files = new FileGrantTable();
  const prompt = new TerminalPrompt(options, inSession);
  const launcher = makeChildLauncher(child);
  const host = { environment: process.env, home: homedir(), knownModules: knownModules(), attestationIssuers: attestationIssuers(), anchorsPath: anchorsPath(process.env, homedir()) };
  return { core: createCore({ prompt, files, clock: systemClock, launcher, host }), files, prompt };
}

/** Whether a vault must be opened first: all but what makes one, and what needs none. */
function needsVault(method: MethodName, typed: Typed, { vault }: CommonOptions): boolean {
  if (!contract[method].whileLocked) return true;
  return method === 'audit.verify' && typed.log === undefined && vault !== undefined;
}

function requireVault({ vault }: CommonOptions): string {
  if (vault === undefined) throw new StrongroomError('request-invalid', '"--vault" expected the vault file, got nothing', { field: 'vault', nextStep: 'name it with --vault FILE' });
  return vault;
}

/** The vault that the options name, opened. @throws `request-invalid` where they name none */
export function openSitting({ core, files }: Sitting, options: CommonOptions): Promise<Answer<'vault.unlock'>> {
  const file = files.read(requireVault(options));
  return core.call('vault.unlock', { file, ...(options.as === undefined ? {} : { as: options.as }), ...(options.unlockWith === undefined ? {} : { with: options.unlockWith }), ...(options.readOnly === true ? { readOnly: true } : {}) });
}

async function unlock(sitting: Sitting, method: MethodName, options: CommonOptions): Promise<ErrorInfo | undefined> {
  const opened = await openSitting(sitting, options);
  if (!opened.ok) return opened.error;
  // What an unlock found is said once: the next one may find it settled. Where the answer is about the vault, it says so itself.
  if (options.json !== true && method !== 'vault.info') for (const finding of opened.value.findings) process.stderr.write(renderFinding(finding));
  return undefined;
}

async function call<M extends MethodName>(sitting: Sitting, method: M, typed: Typed, options: CommonOptions) {
  const { core, files } = sitting;
  const stop = new AbortController();
  const line = progressLine();
  const onInterrupt = () => stop.abort();
  process.on('SIGINT', onInterrupt);
  try {
    const vault = 'file' in contract[method].fields ? requireVault(options) : undefined;
    const { typed: clean, answers } = withoutPins(typed, options); // SECURITY: a PIN in a URI goes to the prompt, and no further
    const request = requestOf(contract[method].fields, clean, vault, files, options.overwrite === true);
    const error = needsVault(method, clean, options) ? await unlock(sitting, method, options) : undefined;
    if (error !== undefined) return { ok: false, error } as const;
    return await sitting.prompt.during(answers, () => core.call(method, request as RequestInput<M>, { signal: stop.signal, onProgress: line.show }));
  } catch (error) {
    return { ok: false, error: toErrorInfo(error) } as const;
  } finally {
    line.clear();
    process.off('SIGINT', onInterrupt);
  }
}

/** An answer as a person reads it. */
async function readable({ core }: Sitting, method: MethodName, typed: Typed, value: Record<string, unknown>): Promise<string> {
  if (method === 'key.public' && typed.out === undefined && typeof value.text === 'string') return value.text;
  if (method !== 'audit.list') return render(once(withFiles(method, typed, value)));
  const listed = await core.call('key.list', {});
  return harmless(logLines(value as Reply<'audit.list'>, new Map(listed.ok ? listed.value.keys.map(({ id, name }) => [id, name]) : [])));
}

/** @returns the exit status */
export async function runCommand(child: ChildProgram, method: MethodName, typed: Typed, options: CommonOptions): Promise<number> {
  const sitting = sitDown(child, options);
  try {
    const answer = await call(sitting, method, typed, options);
    if (options.json === true) process.stdout.write(`${JSON.stringify(answer.ok ? { ...answer, value: withFiles(method, typed, answer.value) } : answer)}\n`);
    else if (answer.ok) process.stdout.write(await readable(sitting, method, typed, answer.value));
    else process.stderr.write(renderError(answer.error));
    return answer.ok ? 0 : exitStatus(answer.error.code);
  } finally {
    await sitting.core.close();
    sitting.prompt.close();
  }
}
