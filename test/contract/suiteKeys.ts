/** What the suites of every provider share: keys that are made once, requests, and the code that a refusal has. */
import { randomBytes } from 'node:crypto';
import type { GenerateRequest, KeyProvider, ProviderKey, UnwrapRequest } from '../../electron/vault/providers/provider.ts';
import type { ErrorCode } from '../../shared/errors/errorCodes.ts';
import { expect } from 'vitest';
import { TokenRefusal } from '../../electron/vault/providers/pkcs11/tokenRefusal.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { algorithms, purposes } from '../../shared/model/terms.ts';
import type { Algorithm, Purpose, SignatureMechanism, WrapFormat } from '../../shared/model/terms.ts';

export interface Subject {
  readonly provider: KeyProvider;
  /** Keys of a place that makes none for its user: they were made by its own program. */
  readonly prepared?: (algorithm: Algorithm, purpose: Purpose) => Promise<ProviderKey | undefined>;
  close(): Promise<void>;
}

/** What a test needs of a place: an algorithm whose keys are there or can be made, a format both ways, GCM. */
export type Need = Algorithm | WrapFormat | SignatureMechanism | 'aes-gcm';

/** One provider under test, once it is there. */
export interface SuiteKeys {
  provider(): KeyProvider;
  /** Whether keys of an algorithm can be had: made, or prepared. */
  has(algorithm: Algorithm): Promise<boolean>;
  /** Where the place lacks a power, the same work must end in a refusal that has a code. */
  needing<A extends readonly unknown[]>(needs: readonly Need[] | ((...args: A) => readonly Need[]), work: (...args: A) => Promise<void>): (...args: A) => Promise<void>;
  /** A key's bytes are never given out: two keys are equal where they do the same, by the power that the place has. */
  sameKey(a: string, b: string): Promise<boolean>;
  /** The same key for the same words; one that stays where the place lets none leave. */
  keyOf(algorithm: Algorithm, purpose: Purpose, exportable?: boolean): Promise<ProviderKey>;
}

export const bytes = (...values: number[]) => Uint8Array.of(...values);
export const random = (length: number) => new Uint8Array(randomBytes(length));
/** One bit of one byte changed. */
export const flipped = (whole: Uint8Array, at: number) => whole.map((byte, index) => (index === at ? byte ^ 1 : byte));
let serial = 0;

export function asked(algorithm: Algorithm, purpose: Purpose, exportable = true): GenerateRequest {
  serial += 1;
  return { id: random(16), label: `suite ${serial} ${algorithm} ${purpose}`, algorithm, purpose, exportable };
}

/** The first purpose that an algorithm serves. */
export function purposeOf(algorithm: Algorithm): Purpose {
  return purposes.find((purpose) => purposeFacts[purpose].algorithms.includes(algorithm)) ?? 'signature';
}

export async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'none' | 'other'> {
  try {
    await work;
    return 'none';
  } catch (error) {
    return isStrongroomError(error) ? error.code : 'other';
  }
}

const refusals: readonly string[] = ['token-cannot', 'token-refused', 'refused', 'token-key-missing', 'request-invalid', 'unwrap-failed'];

/** A new key, and where the place makes none that may leave, one that stays. */
export async function made(provider: KeyProvider, request: GenerateRequest): Promise<ProviderKey> {
  try {
    return await provider.generate(request);
  } catch (error) {
    if (!request.exportable || !(error instanceof TokenRefusal)) throw error;
    return await provider.generate({ ...request, exportable: false });
  }
}

/** An opened key, and where the place opens none that may leave, one that stays. */
export async function opened(provider: KeyProvider, request: UnwrapRequest): Promise<ProviderKey> {
  try {
    return await provider.unwrap(request);
  } catch (error) {
    if (!(error instanceof TokenRefusal && error.ckr === 0x10)) throw error; // CKR_ATTRIBUTE_READ_ONLY
    return await provider.unwrap({ ...request, exportable: false });
  }
}

export function suiteKeys(subject: () => Subject): SuiteKeys {
  const keys = new Map<string, ProviderKey>();
  const provider = () => subject().provider;
  const prepared = async (algorithm: Algorithm, purpose: Purpose) => await subject().prepared?.(algorithm, purpose);
  const has = async (algorithm: Algorithm) => (await provider().capabilities()).algorithms.includes(algorithm) || (await prepared(algorithm, 'signature')) !== undefined;
  const met = async (need: Need) => {
    const { aesGcm, wrapFormats, unwrapFormats, signatureMechanisms } = await provider().capabilities();
    if (need === 'aes-gcm') return aesGcm;
    if ((algorithms as readonly string[]).includes(need)) return await has(need as Algorithm);
    return (wrapFormats.includes(need as WrapFormat) && unwrapFormats.includes(need as WrapFormat)) || signatureMechanisms.includes(need as SignatureMechanism);
  };
  return {
    provider,
    has,
    sameKey: async (a, b) => {
      const { aesGcm, aesCbc } = await provider().capabilities();
      if (aesGcm) {
        const sealed = await provider().encrypt({ ref: a, plaintext: bytes(7), aad: bytes() });
        return (await provider().decrypt({ ref: b, aad: bytes(), ...sealed })).expose()[0] === 7;
      }
      const [iv, blocks] = [random(16), random(32)];
      const doesBy = async (ref: string) => (aesCbc ? (await provider().decryptCbc({ ref, iv, blocks })).expose() : (await provider().find(ref))?.kcv?.value);
      const first = await doesBy(a);
      return first !== undefined && Buffer.from(first).equals((await doesBy(b)) ?? bytes());
    },
    needing: (needs, work) => async (...args) => {
      const all = await Promise.all((typeof needs === 'function' ? needs(...args) : needs).map(met));
      if (all.every(Boolean)) await work(...args);
      else expect(refusals).toContain(await codeOf(work(...args)));
    },
    keyOf: async (algorithm, purpose, exportable = true) => {
      const known = `${algorithm} ${purpose} ${exportable}`;
      const key = keys.get(known) ?? (await prepared(algorithm, purpose)) ?? (await made(provider(), asked(algorithm, purpose, exportable)));
      keys.set(known, key);
      return key;
    },
  };
}
