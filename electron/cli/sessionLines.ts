/** The lines of a session: one JSON object each, held to its shape and size before anything is done with it. */
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { contract, methodNames } from '../../shared/ipc/contract.ts';
import type { MethodName } from '../../shared/ipc/contract.ts';

/** Bytes of one line: a thousand files with long paths. */
const lineLimit = 4 * 1024 * 1024;

export type LineId = string | number;

/** One call. Files stand in `request` as paths. */
export interface CallLine {
  readonly id: LineId | null;
  readonly method: MethodName;
  readonly request: Readonly<Record<string, unknown>>;
  /** What a person would type to confirm a guarded call, or a recipient's fingerprint. */
  readonly confirm?: string;
  readonly confirmFingerprint?: string;
  readonly overwrite?: boolean;
  /** Lines with the progress of this call are wanted. */
  readonly progress?: boolean;
}

/** Ends the call with that id, where that is safe. */
export interface CancelLine {
  readonly cancel: LineId;
}

/** A line that is no call. */
export interface BadLine {
  readonly id: LineId | null;
  readonly error: StrongroomError;
}

const shape: Readonly<Record<Exclude<keyof CallLine, 'id' | 'method'>, string>> = { request: 'object', confirm: 'string', confirmFingerprint: 'string', overwrite: 'boolean', progress: 'boolean' };

function bad(id: LineId | null, message: string, nextStep?: string): BadLine {
  return { id, error: new StrongroomError('request-invalid', message, nextStep === undefined ? {} : { nextStep }) };
}

function isId(value: unknown): value is LineId {
  return typeof value === 'string' || typeof value === 'number';
}

function isMethod(value: unknown): value is MethodName {
  return typeof value === 'string' && (methodNames as readonly string[]).includes(value);
}

/** What opens another vault, or belongs to the window, is not for a session. */
function isForSession(method: MethodName): boolean {
  const { windowOnly, fields } = contract[method];
  return !windowOnly && !Object.values(fields).some((field) => 'vaultFile' in field && field.vaultFile === true);
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function misfit(line: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(line)) {
    if (name === 'id' || name === 'method') continue;
    const expected = Object.hasOwn(shape, name) ? shape[name as keyof typeof shape] : undefined;
    if (expected === undefined) return 'the line has a field that is not one of id, method, request, confirm, confirmFingerprint, overwrite, progress';
    if (typeof value !== expected || value === null || Array.isArray(value)) return `"${name}" expected ${expected === 'object' ? 'an object' : `a ${expected}`}`;
  }
  return undefined;
}

/** SECURITY: what a line says is never repeated in an error: it may be a secret that was put into the wrong place. */
export function readLine(text: string): CallLine | CancelLine | BadLine {
  const line = objectOf(text);
  if (line === undefined) return bad(null, 'the line expected one JSON object', 'write {"id": 1, "method": "key.list", "request": {}}');
  if (isId(line.cancel) && Object.keys(line).length === 1) return { cancel: line.cancel };
  const id = isId(line.id) ? line.id : null;
  const { method } = line;
  if (!isMethod(method)) return bad(id, '"method" expected one of the contract, got another', 'see `strongroom --help`; noun and verb are joined by a dot, as in key.list');
  if (!isForSession(method)) return bad(id, `"method" ${method} is not for a session: it opens a vault of its own, or belongs to the window`, 'run it as a command of its own');
  const fault = misfit(line);
  return fault === undefined ? { request: {}, ...line, id, method } : bad(id, fault);
}

/** Lines as they come; one that is too long is told as such and left out. */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string | BadLine> {
  const decoder = new TextDecoder();
  let [rest, skipping] = ['', false];
  for await (const chunk of input) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (!skipping && part.trim() !== '') yield part;
      skipping = false;
    }
    if (rest.length <= lineLimit) continue;
    if (!skipping) yield bad(null, `the line expected at most ${lineLimit} characters`);
    [rest, skipping] = ['', true];
  }
  if (!skipping && rest.trim() !== '') yield rest;
}
