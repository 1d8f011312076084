/** The last calls of the module, as numbers: which function, which mechanism, how much, how it ended, how long. */
import { maxTraced, traceRecordBytes, tracedFunctions, writeTraced } from '../pkcs11-wire/callTrace.ts';

const indexOf: ReadonlyMap<string, number> = new Map(tracedFunctions.map((name, index) => [name, index]));

/** Where the mechanism (or the kind of user) stands among the arguments. */
const detailAt: Readonly<Record<string, number>> = {
  C_Login: 1, C_GetMechanismInfo: 1, C_EncryptInit: 1, C_DecryptInit: 1, C_DigestInit: 1, C_SignInit: 1, C_VerifyInit: 1, C_GenerateKey: 1, C_GenerateKeyPair: 1, C_WrapKey: 1, C_UnwrapKey: 1, C_DeriveKey: 1,
};
/** Where the data stands. SECURITY: no function that takes a PIN is here: its length narrows the guesses. */
const dataAt: Readonly<Record<string, number>> = { C_Sign: 1, C_Encrypt: 1, C_Decrypt: 1, C_UnwrapKey: 3, C_GetAttributeValue: 2 };
/** What answers data or a list; the others answer handles. */
const answering: ReadonlySet<string> = new Set(['C_Sign', 'C_Encrypt', 'C_Decrypt', 'C_WrapKey', 'C_FindObjects', 'C_GetSlotList', 'C_GetMechanismList']);

function detailOf(name: string, args: readonly unknown[]): number | undefined {
  const place = detailAt[name];
  const value = place === undefined ? undefined : args[place];
  if (typeof value === 'number') return value;
  return typeof value === 'object' && value !== null && 'mechanism' in value && typeof value.mechanism === 'number' ? value.mechanism : undefined;
}

function sizeOf(value: unknown): number | undefined {
  return value instanceof Uint8Array || Array.isArray(value) ? value.length : undefined;
}

function dataOf(name: string, args: readonly unknown[]): number | undefined {
  const place = dataAt[name];
  return place === undefined ? undefined : sizeOf(args[place]);
}

export class CallTrace {
  readonly #ring = new Uint8Array(maxTraced * traceRecordBytes);
  readonly #view = new DataView(this.#ring.buffer);
  #count = 0;

  /** @param result undefined where the call failed */
  note(name: string, args: readonly unknown[], result: unknown, ckr: number, began: number): void {
    const index = indexOf.get(name);
    if (index === undefined) return;
    const call = { detail: detailOf(name, args), given: dataOf(name, args), got: answering.has(name) ? sizeOf(result) : undefined, ckr, microseconds: Math.round((performance.now() - began) * 1000) };
    writeTraced(this.#view, (this.#count % maxTraced) * traceRecordBytes, index, call);
    this.#count += 1;
  }

  /** What was noted since the last time, oldest first. */
  take(): Uint8Array {
    const [count, next] = [this.#count, (this.#count % maxTraced) * traceRecordBytes];
    this.#count = 0;
    if (count <= maxTraced) return this.#ring.slice(0, count * traceRecordBytes);
    const taken = new Uint8Array(this.#ring.length);
    taken.set(this.#ring.subarray(next));
    taken.set(this.#ring.subarray(0, next), this.#ring.length - next);
    return taken;
  }
}
