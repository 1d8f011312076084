/**
 * Detached JWS: `header..signature` (RFC 7515 appendix F), over the file in base64url or as it is (`b64` false, RFC 7797). What is signed is the
 * header, a dot and the payload, so the core hashes `jwsSigningInput` while it streams the file; Ed25519 needs all of it at once.
 */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SignatureMechanism } from '../../../../shared/model/terms.ts';
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { concatBytes, utf8 } from '../../crypto/bytes.ts';
import type { HashName } from '../../crypto/hashes.ts';
import { readSpki } from '../../crypto/spki.ts';
import type { PublicKeyKind } from '../../crypto/spki.ts';
import { verifySignature } from '../../crypto/verifySignature.ts';
import { fromBase64url, toBase64url } from '../base64.ts';
import { publicJwk } from '../jwk.ts';
import { requireModest, textOf } from './documentBytes.ts';
import { mechanismHash } from '../../crypto/mechanismHash.ts';
import { signChecked } from './documentSigner.ts';
import type { DocumentSigner } from './documentSigner.ts';
import { requireDistinctMembers } from './jsonMembers.ts';

interface JwsAlgorithm {
  readonly mechanism: SignatureMechanism;
  readonly kinds: readonly PublicKeyKind[];
}

/** RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2: each ECDSA algorithm has its curve. */
const algorithms: Readonly<Record<string, JwsAlgorithm>> = {
  PS256: { mechanism: 'rsa-pss-sha256', kinds: ['rsa', 'rsa-pss'] },
  PS384: { mechanism: 'rsa-pss-sha384', kinds: ['rsa', 'rsa-pss'] },
  PS512: { mechanism: 'rsa-pss-sha512', kinds: ['rsa', 'rsa-pss'] },
  RS256: { mechanism: 'rsa-pkcs1-sha256', kinds: ['rsa'] },
  RS384: { mechanism: 'rsa-pkcs1-sha384', kinds: ['rsa'] },
  RS512: { mechanism: 'rsa-pkcs1-sha512', kinds: ['rsa'] },
  ES256: { mechanism: 'ecdsa-sha256', kinds: ['ec-p256'] },
  ES384: { mechanism: 'ecdsa-sha384', kinds: ['ec-p384'] },
  ES512: { mechanism: 'ecdsa-sha512', kinds: ['ec-p521'] },
  EdDSA: { mechanism: 'ed25519', kinds: ['ed25519'] },
  Ed25519: { mechanism: 'ed25519', kinds: ['ed25519'] },
};

/** The largest file under Ed25519, which is signed whole. */
export const largestWholeMessage = 64 * 1024 * 1024;

export interface JwsPlan {
  /** The header in base64url. */
  readonly header: string;
  readonly mechanism: SignatureMechanism;
  /** Of header, dot and payload; undefined where the message itself is signed. */
  readonly hash: HashName | undefined;
  /** Whether the payload is signed in base64url. */
  readonly base64url: boolean;
}

export interface JwsOptions {
  /** `kid` of the header. */
  readonly keyId?: string;
  /** `typ` of the header. */
  readonly type?: string;
  /** False: the file is signed as it is (RFC 7797). */
  readonly base64url: boolean;
}

function planOf(header: string, mechanism: SignatureMechanism, base64url: boolean): JwsPlan {
  return { header, mechanism, hash: mechanismHash(mechanism), base64url };
}

/** @throws `request-invalid` for a key and mechanism that JWS has no algorithm for */
export function planJws({ spki, mechanism }: Pick<DocumentSigner, 'spki' | 'mechanism'>, { keyId, type, base64url }: JwsOptions): JwsPlan {
  const kind = readSpki(spki)?.kind;
  const alg = Object.keys(algorithms).find((name) => algorithms[name]?.mechanism === mechanism && kind !== undefined && algorithms[name].kinds.includes(kind));
  if (alg === undefined) throw new StrongroomError('request-invalid', `"mechanism" expected one that JWS has for this key, got ${mechanism} with ${kind ?? 'another kind'}`, { field: 'mechanism', nextStep: 'ECDSA goes with the hash of its curve: P-256 with SHA-256, P-384 with SHA-384, P-521 with SHA-512' });
  const unencoded = base64url ? {} : { b64: false, crit: ['b64'] }; // RFC 7797 §6: b64 must be critical
  const header = { alg, ...(keyId === undefined ? {} : { kid: keyId }), ...(type === undefined ? {} : { typ: type }), ...unencoded };
  return planOf(toBase64url(utf8(JSON.stringify(header))), mechanism, base64url);
}

/** The bytes that are signed, in parts: header, dot, and the payload, in base64url where the plan says so. */
export async function* jwsSigningInput({ header, base64url }: Pick<JwsPlan, 'header' | 'base64url'>, payload: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield utf8(`${header}.`);
  let held = new Uint8Array(0); // up to two bytes that make no whole group of four letters yet
  for await (const part of payload) {
    if (!base64url) yield part;
    else {
      const bytes = concatBytes(held, part);
      const whole = bytes.length - (bytes.length % 3);
      held = bytes.slice(whole);
      yield utf8(toBase64url(bytes.subarray(0, whole)));
    }
  }
  if (held.length > 0) yield utf8(toBase64url(held));
}

/** All of a message, for a mechanism that signs it whole. @throws `input-too-large` */
export async function wholeMessage(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > largestWholeMessage) throw new StrongroomError('input-too-large', `the file expected at most ${largestWholeMessage} bytes: Ed25519 in a JWS signs the whole of it at once`, { nextStep: 'make an SSH signature or CMS, or sign with an RSA or EC key' });
    all.push(part);
  }
  return concatBytes(...all);
}

/** @param input the digest of `jwsSigningInput` by `plan.hash`, or all of it where there is none @returns `header..signature` */
export async function makeJws(plan: JwsPlan, input: Uint8Array, signer: DocumentSigner): Promise<string> {
  return `${plan.header}..${toBase64url(await signChecked(signer, input))}`;
}

function malformed(message: string, nextStep = 'ask for the signature again'): StrongroomError {
  return new StrongroomError('input-malformed', `the JWS ${message}`, { nextStep });
}

type Header = Readonly<Record<string, unknown>>;

function headerOf(text: string): Header {
  const bytes = fromBase64url(text);
  const json = bytes === undefined ? undefined : textOf(bytes);
  if (json === undefined) throw malformed('header is not base64url of UTF-8 text');
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch {
    throw malformed('header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw malformed('header is not a JSON object');
  requireDistinctMembers(json, 'JWS header');
  return header as Header;
}

/** SECURITY: the algorithm is one for public keys, and the key's own; `none` and HMAC (with the public key for its secret) are refused by name */
function algorithmOf({ alg }: Header, kind: PublicKeyKind | undefined): SignatureMechanism {
  if (typeof alg !== 'string') throw malformed('header has no "alg"');
  if (alg.toLowerCase() === 'none') throw malformed('has the algorithm "none": it is not signed');
  if (/^HS\d+$/i.test(alg)) throw malformed(`has the algorithm "${shortLine(alg, 20)}", which is a MAC: it cannot be verified with a public key`, 'ask for a signature with PS256, ES256 or EdDSA');
  const algorithm = Object.hasOwn(algorithms, alg) ? algorithms[alg] : undefined;
  if (algorithm === undefined) throw malformed(`has the algorithm "${shortLine(alg, 40)}", which is not taken`, `ask for one of ${Object.keys(algorithms).join(', ')}`);
  if (kind === undefined || !algorithm.kinds.includes(kind)) throw malformed(`has the algorithm "${alg}", and the key is ${kind ?? 'of another kind'}`, 'give the public key that belongs to the signature');
  return algorithm.mechanism;
}

/** RFC 7515 §4.1.11, RFC 7797 §6. @returns whether the payload is signed in base64url */
function isBase64url(header: Header): boolean {
  const { crit, b64 } = header;
  const names: readonly unknown[] = crit === undefined ? [] : Array.isArray(crit) && crit.length > 0 ? crit : [undefined];
  for (const name of names) {
    if (typeof name !== 'string' || !Object.hasOwn(header, name) || names.filter((other) => other === name).length > 1) throw malformed('has a "crit" that does not list members of its header');
    if (name !== 'b64') throw malformed(`has the critical header "${shortLine(name, 40)}", which is not known here`, 'verify it with the program that made it');
  }
  if (b64 !== undefined && typeof b64 !== 'boolean') throw malformed('has a "b64" that is neither true nor false');
  if (b64 === false && !names.includes('b64')) throw malformed('has "b64" false, and does not list it in "crit" (RFC 7797 §6)');
  return b64 !== false;
}

/** Members that name a key, which only the caller may choose. */
const keyMembers = ['jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256'] as const;

/** SECURITY: a key in the header is never used; where it is another than the one given, somebody is mistaken */
function requireSameKey({ jwk }: Header, spki: Uint8Array): void {
  if (jwk === undefined) return;
  const own = publicJwk(spki);
  const given = typeof jwk === 'object' && jwk !== null ? (jwk as Header) : {};
  if (Object.keys(own).some((member) => member !== 'alg' && given[member] !== own[member])) throw malformed('names another key in its header ("jwk") than the one that was given', 'give the public key that belongs to the signature');
}

export interface ReadJws extends JwsPlan {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly signature: Uint8Array;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/**
 * @param spki the key to verify with @param expected the one algorithm (`alg`) that is taken, where the key is known to be for one
 * @throws `input-malformed` for what is no detached JWS in compact form, and by name for an algorithm, a critical header or a key that does not fit
 */
export function readJws(bytes: Uint8Array, spki: Uint8Array, expected?: string): ReadJws {
  requireModest(bytes, 'JWS');
  const [header, payload, value, ...more] = (textOf(bytes) ?? '').trim().split('.');
  if (header === undefined || payload === undefined || value === undefined || more.length > 0) throw malformed('expected header..signature (compact, detached), got something else');
  if (payload !== '') throw malformed('carries its payload: expected a detached one, header..signature', 'take the payload out, or ask for a detached signature');
  const read = headerOf(header);
  const mechanism = algorithmOf(read, readSpki(spki)?.kind);
  const algorithm = String(read['alg']);
  if (expected !== undefined && algorithm !== expected) throw malformed(`has the algorithm "${algorithm}": expected ${expected}, which the key is for`);
  const base64url = isBase64url(read);
  requireSameKey(read, spki);
  const signature = fromBase64url(value);
  if (signature === undefined) throw malformed('signature is not base64url');
  const notes = keyMembers.filter((member) => Object.hasOwn(read, member)).map((member) => `the header names a key by "${member}": it was not used`);
  return { ...planOf(header, mechanism, base64url), algorithm, keyId: typeof read['kid'] === 'string' ? shortLine(read['kid'], 300) : undefined, signature, notes };
}

/** @param input the digest of `jwsSigningInput` by `read.hash`, or all of it where there is none */
export function verifyJws(read: ReadJws, input: Uint8Array, spki: Uint8Array): boolean {
  return verifySignature(spki, read.mechanism, input, read.signature).valid;
}
