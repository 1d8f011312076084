/** Signatures by keys in the vault: one key is opened for a whole batch, and every signature is verified before it leaves. */
import { setImmediate } from 'node:timers/promises';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts, mechanismsOf } from '../../../../shared/lifecycle/purposes.ts';
import type { SignatureMechanism } from '../../../../shared/model/terms.ts';
import { ecdsaSigner } from '../../crypto/ecPrivate.ts';
import { ed25519Signer } from '../../crypto/ed25519.ts';
import type { HashedMessage } from '../../crypto/hashedMessage.ts';
import { digestBytes } from '../../crypto/mechanismHash.ts';
import { mlDsaSigner } from '../../crypto/postQuantum.ts';
import { secretPartOf } from '../../crypto/privateKeyParts.ts';
import { rsaDigestSigner } from '../../crypto/rsaPrivate.ts';
import { curveKindOf } from '../../crypto/spki.ts';
import { verifySignature } from '../../crypto/verifySignature.ts';
import type { SignRequest, SignResult } from '../provider.ts';
import type { MaterialFacts } from './materialStore.ts';

/** Signatures between two looks at what else is to be done. */
const slice = 4;

export interface OpenSigner {
  sign(mechanism: SignatureMechanism, input: Uint8Array, options?: { readonly saltLength?: number | undefined; readonly message?: HashedMessage | undefined }): Uint8Array;
  close(): void;
}

function ed25519Of(material: Uint8Array, spki: Uint8Array): OpenSigner {
  const sign = ed25519Signer(secretPartOf(material));
  return {
    sign: (mechanism, message) => {
      const signature = sign(message);
      // SECURITY: what does not verify does not leave
      if (!verifySignature(spki, mechanism, message, signature).valid) throw new Error('the signature does not verify');
      return signature;
    },
    close: () => undefined,
  };
}

function rsaOf(material: Uint8Array, spki: Uint8Array): OpenSigner['sign'] {
  const sign = rsaDigestSigner(material, spki);
  return (mechanism, digest, { saltLength } = {}) => sign(mechanism, digest, saltLength);
}

function ecOf(algorithm: MaterialFacts['algorithm'], material: Uint8Array): OpenSigner['sign'] {
  const sign = ecdsaSigner(curveKindOf(algorithm), material, secretPartOf(material));
  return (mechanism, digest, { message } = {}) => sign(mechanism, digest, message);
}

/** @param material in the vault's form, borrowed until `close` */
export function openSigner({ algorithm, publicKey = new Uint8Array(0) }: MaterialFacts, material: Uint8Array): OpenSigner {
  const { family } = algorithmFacts[algorithm];
  const close = () => undefined;
  if (family === 'rsa') return { sign: rsaOf(material, publicKey), close };
  if (family === 'ec') return { sign: ecOf(algorithm, material), close };
  if (family === 'ed25519') return ed25519Of(material, publicKey);
  const signer = mlDsaSigner(material);
  return { sign: (_, message) => signer.sign(message), close: signer.wipe };
}

/** @throws `request-invalid` for a mechanism that is not the key's, or a salt where there is none */
export function assertMechanism({ algorithm }: MaterialFacts, { mechanism, saltLength }: Pick<SignRequest, 'mechanism' | 'saltLength'>): void {
  const fits = mechanismsOf(algorithm);
  if (!fits.includes(mechanism)) throw new StrongroomError('request-invalid', `"mechanism" for ${algorithm} expected ${fits.join(', ') || 'none: it does not sign'}, got ${mechanism}`, { field: 'mechanism' });
  if (saltLength !== undefined && !mechanism.startsWith('rsa-pss')) throw new StrongroomError('request-invalid', `"saltLength" is for RSA-PSS, not for ${mechanism}`, { field: 'saltLength' });
}

function requireInput(mechanism: SignatureMechanism, input: Uint8Array): void {
  const length = digestBytes(mechanism);
  if (length !== undefined && input.length !== length) throw new RangeError(`"digest" expected ${length} bytes, got ${input.length}`);
}

/** One item of a batch: what fails, fails alone. */
function oneOf(sign: () => Uint8Array): SignResult {
  try {
    return { ok: true, signature: sign() };
  } catch (error) {
    const invalid = error instanceof RangeError ? new StrongroomError('request-invalid', error.message, { field: 'inputs', cause: error }) : error;
    return { ok: false, error: invalid };
  }
}

/** @param material borrowed */
export async function signAll(facts: MaterialFacts, material: Uint8Array, { mechanism, inputs, messages, saltLength }: SignRequest): Promise<readonly SignResult[]> {
  const signer = openSigner(facts, material);
  try {
    const results: SignResult[] = [];
    for (const [index, input] of inputs.entries()) {
      const sign = () => {
        requireInput(mechanism, input);
        return signer.sign(mechanism, input, { saltLength, message: messages?.[index] });
      };
      results.push(oneOf(sign));
      if (results.length % slice === 0) await setImmediate();
    }
    return results;
  } finally {
    signer.close();
  }
}
