/**
 * Loaded before a program (`--import`): names and counts the steps at which its work touches the world, and ends the program by SIGKILL at the one
 * that `KILL_AT` says (`12:before`, `12:inside`, `12:after`). The product has no hook for it: the driver, the file system and the channel to the
 * modules' processes are wrapped from outside.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import filePromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import Database from 'better-sqlite3';
import { decodeRequest } from '../../electron/pkcs11-wire/frame.ts';

/** `inside` is after the last write of a transaction and before its COMMIT. */
export type Moment = 'before' | 'inside' | 'after';

export interface Step {
  readonly name: string;
  readonly moments: readonly Moment[];
}

const killAt = process.env['KILL_AT'];
const taken: Step[] = [];
let armed = false;

/** From here on steps count. */
export function arm(): void {
  armed = true;
}

/** The steps since then. */
export function disarm(): readonly Step[] {
  armed = false;
  return taken;
}

function dieAt(index: number, moment: Moment): void {
  if (`${index}:${moment}` !== killAt) return;
  process.kill(process.pid, 'SIGKILL');
  for (;;); // the signal is on its way
}

function begin(name: string, moments: readonly Moment[]): number {
  const index = taken.push({ name, moments }) - 1;
  dieAt(index, 'before');
  return index;
}

function around<T>(name: string, act: () => T): T {
  if (!armed) return act();
  const index = begin(name, ['before', 'after']);
  const end = () => dieAt(index, 'after'); // also where it failed: a file to remove may be gone
  let result: T;
  try {
    result = act();
  } catch (error) {
    end();
    throw error;
  }
  if (result instanceof Promise) return result.finally(end) as T;
  end();
  return result;
}

type AnyFunction = (...args: unknown[]) => unknown;

function wrap(object: object, name: string, nameOf: (args: unknown[]) => string | undefined): void {
  const methods = object as Record<string, AnyFunction>;
  const original = methods[name];
  if (original === undefined) throw new Error(`there is no ${name} to wrap`);
  methods[name] = function wrapped(this: unknown, ...args: unknown[]) {
    const step = nameOf(args);
    return step === undefined ? original.apply(this, args) : around(step, () => original.apply(this, args));
  };
}

/** Names of temporary files and vaults differ from run to run; their endings do not. */
function ending(path: unknown): string {
  return basename(String(path)).replace(/^.*(\.tmp|\.strongroom|-journal)$/, '*$1');
}

function wrapFiles(): void {
  for (const [module, suffix] of [[filePromises, ''], [fs, 'Sync']] as const) {
    for (const call of ['link', 'rename'] as const) wrap(module, `${call}${suffix}`, ([from, to]) => `${call} ${ending(from)} ${ending(to)}`);
    for (const call of ['unlink', 'rm'] as const) wrap(module, `${call}${suffix}`, ([path]) => `${call} ${ending(path)}`);
    wrap(module, `open${suffix}`, ([path, flags]) => (flags === 'wx' ? `open ${ending(path)}` : undefined));
  }
}

/** Commits: a transaction of the driver has a moment of its own, when all is written and nothing is committed. */
function wrapDriver(): void {
  const { prototype } = Database as unknown as { prototype: { transaction: (work: () => void) => { immediate(): void } } };
  const original = prototype.transaction;
  prototype.transaction = function wrapped(this: unknown, work: () => void) {
    let index: number | undefined;
    const transaction = original.call(this, () => {
      work();
      if (index !== undefined) dieAt(index, 'inside');
    });
    const immediate = () => {
      if (armed) index = begin('commit', ['before', 'inside', 'after']);
      transaction.immediate();
      if (index !== undefined) dieAt(index, 'after');
    };
    return { immediate };
  };
  wrap(prototype, 'exec', ([sql]) => (/\bCOMMIT\b/.test(String(sql)) ? 'commit of the schema' : undefined));
}

/** The messages to a module's process, and what comes back: `before` a reply, the token has acted and the core does not know. */
function wrapChildren(): void {
  const original = childProcess.fork;
  childProcess.fork = ((...args: Parameters<typeof original>) => {
    const child = original(...args);
    let operation = 'unknown';
    const nameOf = ([frame]: unknown[]) => {
      if (!(frame instanceof Uint8Array)) return undefined;
      operation = decodeRequest(frame).op;
      return `ask the token: ${operation}`;
    };
    wrap(child, 'send', nameOf);
    wrap(child, 'emit', ([event]) => (event === 'message' ? `the token answers: ${operation}` : undefined));
    return child;
  }) as typeof original;
}

wrapFiles();
wrapDriver();
wrapChildren();
syncBuiltinESMExports();
