/**
 * The last calls of one module, for a support ticket: function, mechanism, sizes, result, time. SECURITY: never data, and no PIN or its length;
 * what a token and its keys are called goes out as a hash.
 */
import { maxTraced, readTrace, unreadable } from '../../../pkcs11-wire/callTrace.ts';
import type { TracedCall } from '../../../pkcs11-wire/callTrace.ts';
import type { OperationName } from '../../../pkcs11-wire/messages.ts';
import type { ErrorCode } from '../../../../shared/errors/errorCodes.ts';
import { ckrTable } from './ckrTable.ts';

/** A call of the module, or an operation that ended without the module's word. */
interface TraceLine {
  readonly at: number;
  readonly operation: OperationName;
  readonly call: TracedCall | undefined;
  readonly ended: ErrorCode | undefined;
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}

function resultOf({ ckr }: TracedCall): string {
  if (ckr === 0) return 'CKR_OK';
  return ckr === unreadable ? 'unreadable' : `${ckrTable.get(ckr)?.name ?? 'CKR'} ${hex(ckr)}`;
}

function detailOf({ function: name, detail }: TracedCall): string {
  if (detail === undefined) return '';
  return name === 'C_Login' ? ` user ${detail}` : ` mechanism ${hex(detail)}`;
}

function textOf({ at, operation, call, ended }: TraceLine): string {
  const head = `${new Date(at).toISOString()} ${operation}`;
  if (call === undefined) return `${head} ended: ${ended ?? 'unknown'}`;
  const sizes = [call.given === undefined ? '' : ` given ${call.given}`, call.got === undefined ? '' : ` got ${call.got}`].join('');
  return `${head} ${call.function}${detailOf(call)}${sizes} ${resultOf(call)} ${(call.microseconds / 1000).toFixed(3)} ms`;
}

export class ModuleTrace {
  #lines: TraceLine[] = [];

  /** @throws `module-malformed` */
  reply(operation: OperationName, records: Uint8Array | undefined): void {
    const calls = records === undefined ? [] : readTrace(records);
    // Tokens are looked at again and again: of looks that follow each other the last one is kept.
    if (operation === 'tokens') while (this.#lines.at(-1)?.operation === 'tokens' && this.#lines.at(-1)?.ended === undefined) this.#lines.pop();
    this.#keep(calls.map((call) => ({ at: Date.now(), operation, call, ended: undefined })));
  }

  /** The process hung, crashed or was not understood: which of its calls it was in, it can tell no more. */
  ended(operation: OperationName, code: ErrorCode): void {
    this.#keep([{ at: Date.now(), operation, call: undefined, ended: code }]);
  }

  #keep(lines: readonly TraceLine[]): void {
    this.#lines.push(...lines);
    if (this.#lines.length > 4 * maxTraced) this.#lines = this.#lines.slice(-maxTraced); // now and then, not with each signature
  }

  get #last(): readonly TraceLine[] {
    return this.#lines.slice(-maxTraced);
  }

  get length(): number {
    return this.#last.length;
  }

  text(): string {
    return this.#last.map((line) => `${textOf(line)}\n`).join('');
  }
}
