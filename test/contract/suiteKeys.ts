/** What the suites of every provider share: keys that are made once, requests, and the code that a refusal has. */
import { randomBytes } from 'node:crypto';
import type { GenerateRequest, KeyProvider, ProviderKey } from '../../electron/vault/providers/provider.ts';
import type { ErrorCode } from '../../shared/errors/errorCodes.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { purposes } from '../../shared/model/terms.ts';
import type { Algorithm, Purpose } from '../../shared/model/terms.ts';

export interface Subject {
  readonly provider: KeyProvider;
  close(): Promise<void>;
}

/** One provider under test, once it is there. */
export interface SuiteKeys {
  provider(): KeyProvider;
  /** The same key for the same words. */
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

export function suiteKeys(provider: () => KeyProvider): SuiteKeys {
  const keys = new Map<string, ProviderKey>();
  return {
    provider,
    keyOf: async (algorithm, purpose, exportable = true) => {
      const known = `${algorithm} ${purpose} ${exportable}`;
      const key = keys.get(known) ?? (await provider().generate(asked(algorithm, purpose, exportable)));
      keys.set(known, key);
      return key;
    },
  };
}
