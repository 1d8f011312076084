/** Who signs a document: the key may lie on a token, so a signature is asked for, checked with the public half, and only then used. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SignatureMechanism } from '../../../../shared/model/terms.ts';
import { HashedMessage } from '../../crypto/hashedMessage.ts';
import { hash } from '../../crypto/hashes.ts';
import { publicKeyObject } from '../../crypto/keyObjects.ts';
import { mechanismHash } from '../../crypto/mechanismHash.ts';
import { isCurve, readSpki } from '../../crypto/spki.ts';
import { verifySignature } from '../../crypto/verifySignature.ts';
import type { VerifyOptions } from '../../crypto/verifySignature.ts';
import { ecdsaToDer, ecdsaToP1363 } from './ecdsaSignature.ts';

export interface DocumentSigner {
  /** The public half, DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** Which fits the key. */
  readonly mechanism: SignatureMechanism;
  /** Signs what the mechanism wants: a digest (RSA, ECDSA), or the message (ed25519, ml-dsa-65). ECDSA comes back as P1363. */
  sign(input: Uint8Array, message?: HashedMessage): Promise<Uint8Array>;
}

/** What is handed to the signer for these bytes. */
export function signerInput(mechanism: SignatureMechanism, message: Uint8Array): Uint8Array {
  const name = mechanismHash(mechanism);
  return name === undefined ? message : hash(name, message);
}

/** ECDSA is checked by the platform, which takes messages; over a bare digest it was checked where it was made. */
function isGood({ spki, mechanism }: DocumentSigner, input: Uint8Array, signature: Uint8Array, message: Uint8Array | undefined): boolean {
  const name = mechanismHash(mechanism);
  if (!mechanism.startsWith('ecdsa') || name === undefined) return verifySignature(spki, mechanism, input, signature).valid;
  return message === undefined || HashedMessage.of(name, message).verify(publicKeyObject(spki), signature) === true;
}

/** Asks for a signature over what the mechanism wants, and verifies it. @param message that `input` is of, where it is at hand @returns ECDSA as P1363 */
export async function signChecked(signer: DocumentSigner, input: Uint8Array, message?: Uint8Array): Promise<Uint8Array> {
  const name = mechanismHash(signer.mechanism);
  const hashed = message !== undefined && name !== undefined && signer.mechanism.startsWith('ecdsa') ? HashedMessage.of(name, message) : undefined;
  const signature = await signer.sign(input, hashed);
  // SECURITY: a signature that does not verify leaves no document: a fault in a token may give away an RSA key (RFC 8017 §8.2.1 by CRT)
  if (!isGood(signer, input, signature, message)) throw new StrongroomError('signature-invalid', 'the signature that the key made does not verify with its public half', { nextStep: 'compare the key with what the token holds' });
  return signature;
}

/** The signature as X.509, PKCS#10 and CMS have it: ECDSA in DER. */
export async function signedValue(signer: DocumentSigner, message: Uint8Array): Promise<Uint8Array> {
  const signature = await signChecked(signer, signerInput(signer.mechanism, message), message);
  const kind = readSpki(signer.spki)?.kind;
  return kind !== undefined && isCurve(kind) ? ecdsaToDer(signature, kind) : signature;
}

/** Verifies over a message a signature as X.509, PKCS#10 and CMS have it. */
export function verifySignedValue(spki: Uint8Array, mechanism: SignatureMechanism, message: Uint8Array, value: Uint8Array, options: VerifyOptions = {}): boolean {
  return verifyInputValue(spki, mechanism, signerInput(mechanism, message), value, options);
}

/** As `verifySignedValue`, over what the mechanism signs. */
export function verifyInputValue(spki: Uint8Array, mechanism: SignatureMechanism, input: Uint8Array, value: Uint8Array, options: VerifyOptions = {}): boolean {
  const kind = readSpki(spki)?.kind;
  try {
    const signature = kind !== undefined && isCurve(kind) ? ecdsaToP1363(value, kind) : value;
    return verifySignature(spki, mechanism, input, signature, options).valid;
  } catch (error) {
    if (error instanceof StrongroomError) return false; // a key of another kind, or a value that is no signature
    throw error;
  }
}
