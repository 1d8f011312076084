/** The one way to call the module: every failure becomes its CKR number and function, and what cannot be read becomes `module-malformed`. */
import type { KeyPair, Mechanism, PKCS11, Template } from 'pkcs11js';
import { unreadable } from '../pkcs11-wire/callTrace.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { CallTrace } from './callTrace.ts';

/** The module said no: a CKR_ number of PKCS#11. */
export class CkrError extends Error {
  readonly ckr: number;
  readonly function: string;

  constructor(ckr: number, name: string) {
    super(`${name} answered 0x${ckr.toString(16)}`);
    this.ckr = ckr;
    this.function = name;
  }

  is(...numbers: readonly number[]): boolean {
    return numbers.includes(this.ckr);
  }
}

/** The module answered what PKCS#11 does not allow: a length that grew, a count out of reach. */
export function malformed(what: string): StrongroomError {
  return new StrongroomError('module-malformed', `the module's answer is malformed: ${what}`);
}

/** The one form that is used here of functions that the binding overloads. */
interface Chosen {
  C_FindObjects(session: Buffer, count: number): Buffer[];
  C_Sign(session: Buffer, input: Buffer, out: Buffer): Buffer;
  C_Encrypt(session: Buffer, input: Buffer, out: Buffer): Buffer;
  C_Decrypt(session: Buffer, input: Buffer, out: Buffer): Buffer;
  C_WrapKey(session: Buffer, mechanism: Mechanism, wrapper: Buffer, key: Buffer, out: Buffer): Buffer;
  C_UnwrapKey(session: Buffer, mechanism: Mechanism, unwrapper: Buffer, wrapped: Buffer, template: Template): Buffer;
  C_DeriveKey(session: Buffer, mechanism: Mechanism, from: Buffer, template: Template): Buffer;
  C_GenerateKey(session: Buffer, mechanism: Mechanism, template: Template): Buffer;
  C_GenerateKeyPair(session: Buffer, mechanism: Mechanism, publicTemplate: Template, privateTemplate: Template): KeyPair;
}

type Functions = Omit<PKCS11, keyof Chosen> & Chosen;
type FunctionName = Extract<keyof Functions, `C_${string}`>;
type Call<N extends FunctionName> = Functions[N] extends (...args: infer A) => infer R ? { readonly args: A; readonly result: R } : never;

/** The binding gives the number as `code` in most functions, and only inside the text in C_CreateObject and its like. */
function ckrNumber(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'number' && error.code > 0) return error.code;
  const digits = /\bCKR_\w+:(\d+)/.exec(error.message)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export class Cryptoki {
  readonly #library: Functions;
  readonly trace = new CallTrace();

  constructor(library: PKCS11) {
    this.#library = library as Functions;
  }

  /** @throws CkrError, `module-malformed` */
  call<N extends FunctionName>(name: N, ...args: Call<N>['args']): Call<N>['result'] {
    const began = performance.now();
    try {
      const result = (this.#library[name] as (...args: Call<N>['args']) => Call<N>['result'])(...args);
      this.trace.note(name, args, result, 0, began);
      return result;
    } catch (error) {
      throw this.#failed(name, args, error, began);
    }
  }

  /** The one call that may take minutes, in a thread of its own. The module has to allow for that (`CKF_OS_LOCKING_OK`). @throws as `call` */
  async generatePairAside(session: Buffer, mechanism: Mechanism, publicTemplate: Template, privateTemplate: Template): Promise<KeyPair> {
    const [name, args, began] = ['C_GenerateKeyPair', [session, mechanism], performance.now()] as const;
    try {
      const pair = await this.#library.C_GenerateKeyPairAsync(session, mechanism, publicTemplate, privateTemplate);
      this.trace.note(name, args, pair, 0, began);
      return pair;
    } catch (error) {
      throw this.#failed(name, args, error, began);
    }
  }

  #failed(name: FunctionName, args: readonly unknown[], error: unknown, began: number): unknown {
    const ckr = ckrNumber(error);
    this.trace.note(name, args, undefined, ckr === undefined ? unreadable : ckr % 2 ** 32, began);
    if (ckr !== undefined) return new CkrError(ckr, name);
    const text = error instanceof Error ? error.message : '';
    return /^(Argument|Element|Parameter)/.test(text) ? error : malformed(`${name} gave what cannot be read`); // the first is our own misuse of the binding
  }

  /**
   * A call that fills a buffer, with the size known beforehand.
   * @param sizes the lengths that the algorithm allows, in bytes; the buffer is as large as the largest and some more
   */
  fill(name: 'C_Sign' | 'C_Encrypt' | 'C_Decrypt', session: Buffer, input: Uint8Array, sizes: readonly number[]): Uint8Array {
    return this.exactly(name, sizes, (out) => this.call(name, session, asBuffer(input), out));
  }

  /** @throws `module-malformed` where the answer has another length */
  exactly(name: string, sizes: readonly number[], fill: (out: Buffer) => Buffer): Uint8Array {
    // SECURITY: zeroed memory of our own, larger than any true answer: a length that lies shows, and shows no foreign bytes
    const out = Buffer.alloc(Math.max(...sizes) + 64);
    const answer = fill(out);
    if (!sizes.includes(answer.length)) throw malformed(`${name} gave ${answer.length} bytes, expected ${sizes.join(' or ')}`);
    const copy = new Uint8Array(answer);
    out.fill(0); // SECURITY: it may hold a plaintext
    return copy;
  }
}

/**
 * What has one right answer and no public half to check it with. SECURITY: a tag or a wrapped key that was computed wrongly once would be found out by
 * whoever needs it, when it is too late.
 * @throws `module-malformed` where two answers differ
 */
export function sameTwice(name: string, work: () => Uint8Array): Uint8Array {
  const answer = work();
  if (!asBuffer(work()).equals(answer)) throw malformed(`${name} gave two answers to one question`);
  return answer;
}

/** A view, not a copy. The binding refuses nothing but views, and a module may refuse the null pointer of an empty one. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes.length === 0 ? Buffer.alloc(1).subarray(0, 0) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
