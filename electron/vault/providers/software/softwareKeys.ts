/** Material of each algorithm in the vault's own form (FORMAT.md): made new, checked when it comes from elsewhere, and what is known of it for good. */
import { isStrongroomError, refusal, StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts, leastSecretBits, purposeFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { Algorithm } from '../../../../shared/model/terms.ts';
import { ecPoint, newEcScalar } from '../../crypto/ecPrivate.ts';
import { newEd25519Seed } from '../../crypto/ed25519.ts';
import { cmacKeyCheckValue } from '../../crypto/keyCheckValue.ts';
import { ecPkcs8, octetPkcs8 } from '../../crypto/keyForms/privateKeyWriter.ts';
import { readMaterial } from '../../crypto/pkcs8.ts';
import type { KeptPair } from '../../crypto/pkcs8.ts';
import { seedLengths } from '../../crypto/postQuantum.ts';
import { randomBytes } from '../../crypto/random.ts';
import { newRsaKey } from '../../crypto/rsaPrivate.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { secretIdentity } from '../../crypto/secretIdentity.ts';
import { curveKindOf } from '../../crypto/spki.ts';
import type { GenerateRequest, ProviderKey } from '../provider.ts';
import type { MaterialFacts } from './materialStore.ts';

/** A key before it is staged: its facts and its material, which the store takes over. */
export interface NewKey {
  readonly facts: MaterialFacts;
  readonly material: SecretBytes;
}

export function assertFits({ purpose, algorithm }: Pick<GenerateRequest, 'purpose' | 'algorithm'>): void {
  if (!purposeFacts[purpose].algorithms.includes(algorithm)) throw refusal('KEY-GENERATE-1', `"algorithm" ${algorithm} does not serve ${purpose}`);
}

/** What is known of a secret key for good. Only a wrapping key has a check value: CMAC under a GCM key would be a second use of it, and under a CMAC key a tag. */
export function secretKey({ id, label, algorithm, purpose, exportable }: GenerateRequest, material: SecretBytes): NewKey {
  const key = material.expose();
  const kcv = purpose === 'key-wrapping' ? { kcv: { value: cmacKeyCheckValue(key), method: 'cmac' as const } } : {};
  const bits = algorithmFacts[algorithm].family === 'hmac' ? { bits: key.length * 8 } : {};
  return { facts: { id, label, algorithm, purpose, exportable, secretId: secretIdentity(key), ...kcv, ...bits }, material };
}

function pairKey({ id, label, algorithm, purpose, exportable }: GenerateRequest, material: SecretBytes, publicKey: Uint8Array, notes: readonly string[] = []): NewKey {
  return { facts: { id, label, algorithm, purpose, exportable, publicKey, ...(notes.length === 0 ? {} : { notes }) }, material };
}

function wiping<T>(secret: Uint8Array, use: (secret: Uint8Array) => T): T {
  try {
    return use(secret);
  } finally {
    secret.fill(0); // SECURITY: what the material was made of is wiped
  }
}

function newPairMaterial(algorithm: Algorithm): Uint8Array {
  const { family } = algorithmFacts[algorithm];
  if (family === 'ed25519' || family === 'x25519') return wiping(newEd25519Seed(), (seed) => octetPkcs8(family, seed));
  if (family === 'ml-kem' || family === 'ml-dsa') return randomBytes(seedLengths[algorithm as keyof typeof seedLengths]);
  const kind = curveKindOf(algorithm);
  return wiping(newEcScalar(kind), (scalar) => ecPkcs8(kind, scalar, ecPoint(kind, scalar)));
}

export async function newKey(request: GenerateRequest): Promise<NewKey> {
  const { algorithm } = request;
  const { kind, family, bits } = algorithmFacts[algorithm];
  if (kind === 'secret') return secretKey(request, SecretBytes.own(randomBytes(bits / 8)));
  if (family === 'rsa') {
    const { privateKey, publicKey } = await newRsaKey(bits);
    return pairKey(request, SecretBytes.own(privateKey), publicKey);
  }
  return wiping(newPairMaterial(algorithm), (made) => {
    const { material, publicKey } = readMaterial(algorithm, made);
    return pairKey(request, material, publicKey);
  });
}

/** The lengths that secret keys of an algorithm may have: AES its own, a generic secret any that SP 800-131A allows. */
export function secretLengthFits(algorithm: Algorithm, bytes: number): boolean {
  const { family, bits } = algorithmFacts[algorithm];
  return family === 'hmac' ? bytes * 8 >= leastSecretBits && bytes <= longestSecret : bytes * 8 === bits;
}

/** Bytes: more than any hash takes in without hashing it first, four times over. */
const longestSecret = 512;

/** One sentence of what fits, for a refusal. */
export function wantedLength(algorithm: Algorithm): string {
  const { family, bits } = algorithmFacts[algorithm];
  return family === 'hmac' ? `${leastSecretBits / 8} to ${longestSecret} bytes` : `${bits / 8} bytes`;
}

/** How a pair from elsewhere is refused: a file by what is wrong with it, a wrapped key too, by the code of all that does not unwrap. */
export type Refuse = (reason: string, cause: unknown) => StrongroomError;

export function malformed(reason: string, cause: unknown): StrongroomError {
  return new StrongroomError('input-malformed', reason, { nextStep: 'ask for the key again from where it comes; nothing was stored', cause });
}

function judged(read: () => KeptPair, refuse: Refuse): KeptPair {
  try {
    return read();
  } catch (error) {
    throw isStrongroomError(error, 'input-malformed') ? refuse(error.message, error) : error;
  }
}

/** A pair from elsewhere: read, and so used once before anything is stored. @throws what `refuse` makes */
export function foreignPair(request: GenerateRequest, read: () => KeptPair, refuse: Refuse): NewKey {
  const { algorithm, material, publicKey, notes } = judged(read, refuse);
  if (algorithm === request.algorithm) return pairKey(request, material, publicKey, notes);
  material.wipe();
  throw refuse(`it expected ${request.algorithm}, got ${algorithm}`, undefined);
}

/** A clear secret key from elsewhere. @throws `input-malformed` for a length that is not the algorithm's */
export function foreignSecret(request: GenerateRequest, material: SecretBytes): NewKey {
  if (!secretLengthFits(request.algorithm, material.length)) throw new StrongroomError('input-malformed', `a key for ${request.algorithm} expected ${wantedLength(request.algorithm)}, got ${material.length}`, { field: 'algorithm' });
  return secretKey(request, SecretBytes.own(new Uint8Array(material.expose())));
}

export function describeKey({ id, label, algorithm, exportable, publicKey, kcv, secretId, bits, notes }: MaterialFacts, ref: string): ProviderKey {
  return {
    ref,
    id,
    label,
    algorithm,
    kind: algorithmFacts[algorithm].kind,
    exportable,
    sensitive: true,
    ...(publicKey === undefined ? {} : { publicKey }),
    ...(kcv === undefined ? {} : { kcv }),
    ...(secretId === undefined ? {} : { secretId }),
    ...(bits === undefined ? {} : { bits }),
    ...(notes === undefined ? {} : { notes }),
  };
}
