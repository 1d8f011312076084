/** SSHSIG (OpenSSH, PROTOCOL.sshsig): a signature over the hash of a file and a namespace, which says what it is for. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SignatureMechanism } from '../../../../shared/model/terms.ts';
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { concatBytes, equalBytes, uint32, utf8 } from '../../crypto/bytes.ts';
import type { HashName } from '../../crypto/hashes.ts';
import { coordinateBytes, fixedLength, isCurve, readSpki } from '../../crypto/spki.ts';
import type { CurveKind, PublicKeyKind } from '../../crypto/spki.ts';
import { verifySignature } from '../../crypto/verifySignature.ts';
import { toBase64 } from '../base64.ts';
import { readPem } from '../pem.ts';
import { readSshBlob, sshBlob, sshFingerprint, sshKeyType } from '../sshPublicKey.ts';
import { SshReader, sshMpint, sshString } from '../sshWire.ts';
import { allowedPrincipals } from './allowedSigners.ts';
import { requireModest, textOf } from './documentBytes.ts';
import { signChecked, signerInput } from './documentSigner.ts';
import type { DocumentSigner } from './documentSigner.ts';

const document = 'SSH signature';
const magic = utf8('SSHSIG');
const label = 'SSH SIGNATURE';

/** How the wire names a mechanism. ECDSA has one hash for each curve (RFC 5656 §6.2.1). */
const wireNames: Readonly<Partial<Record<SignatureMechanism, string>>> = {
  'rsa-pkcs1-sha256': 'rsa-sha2-256',
  'rsa-pkcs1-sha512': 'rsa-sha2-512',
  'ecdsa-sha256': 'ecdsa-sha2-nistp256',
  'ecdsa-sha384': 'ecdsa-sha2-nistp384',
  'ecdsa-sha512': 'ecdsa-sha2-nistp521',
  ed25519: 'ssh-ed25519',
};

export type SshHash = Extract<HashName, 'sha256' | 'sha512'>;

export interface SshSignatureContent {
  /** Of the whole file, by `hash`. */
  readonly digest: Uint8Array;
  readonly hash: SshHash;
  /** `file`, `git`, or another that both sides agree upon. */
  readonly namespace: string;
}

function requireNamespace(namespace: string): void {
  if (!/^[\x21-\x7e]{1,255}$/.test(namespace)) throw new StrongroomError('request-invalid', '"namespace" expected 1 to 255 printable ASCII characters', { field: 'namespace', nextStep: 'take "file" for a file, "git" for a commit, or name@your.domain' });
}

/** Which mechanism a key signs with, here: one for each curve, SHA-512 for RSA. @throws `request-invalid` for a kind without one */
export function sshMechanism(kind: PublicKeyKind | undefined): SignatureMechanism {
  const byKind: Readonly<Partial<Record<PublicKeyKind, SignatureMechanism>>> = { rsa: 'rsa-pkcs1-sha512', 'ec-p256': 'ecdsa-sha256', 'ec-p384': 'ecdsa-sha384', 'ec-p521': 'ecdsa-sha512', ed25519: 'ed25519' };
  const mechanism = kind === undefined ? undefined : byKind[kind];
  if (mechanism === undefined) throw new StrongroomError('request-invalid', `"key" expected RSA, EC or Ed25519 for an SSH signature, got ${kind ?? 'another kind'}`, { field: 'key', nextStep: 'take another key, or another form of signature' });
  return mechanism;
}

function requireMechanism(spki: Uint8Array, mechanism: SignatureMechanism): void {
  const expected = sshMechanism(readSpki(spki)?.kind);
  if (mechanism !== expected && !(mechanism === 'rsa-pkcs1-sha256' && expected === 'rsa-pkcs1-sha512')) throw new StrongroomError('request-invalid', `"mechanism" expected ${expected} for this key in an SSH signature, got ${mechanism}`, { field: 'mechanism' });
}

/** What is signed: small whatever the file's size, so that Ed25519 needs no file in memory. */
function signedBlob(namespace: string, reserved: Uint8Array, hash: string, digest: Uint8Array): Uint8Array {
  return concatBytes(magic, sshString(namespace), sshString(reserved), sshString(hash), sshString(digest));
}

/** ECDSA: r and s as numbers (RFC 5656 §3.1.2). */
function wireSignature(mechanism: SignatureMechanism, kind: PublicKeyKind | undefined, signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const value = kind !== undefined && isCurve(kind) ? concatBytes(sshMpint(signature.subarray(0, half)), sshMpint(signature.subarray(half))) : signature;
  return concatBytes(sshString(wireNames[mechanism] ?? ''), sshString(value));
}

function armor(blob: Uint8Array): string {
  const lines = toBase64(blob).match(/.{1,70}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** @returns the armored signature @throws `request-invalid` for a key or a mechanism that SSH has no signature of */
export async function makeSshSignature({ digest, hash, namespace }: SshSignatureContent, signer: DocumentSigner): Promise<string> {
  requireNamespace(namespace);
  requireMechanism(signer.spki, signer.mechanism);
  if (digest.length !== Number(hash.slice(3)) / 8) throw new RangeError(`"digest" expected ${Number(hash.slice(3)) / 8} bytes, got ${digest.length}`);
  const none = new Uint8Array(0);
  const message = signedBlob(namespace, none, hash, digest);
  const signature = await signChecked(signer, signerInput(signer.mechanism, message), message);
  const wire = wireSignature(signer.mechanism, readSpki(signer.spki)?.kind, signature);
  return armor(concatBytes(magic, uint32(1), sshString(sshBlob(signer.spki)), sshString(namespace), sshString(none), sshString(hash), sshString(wire)));
}

interface ReadSshSignature {
  readonly keyBlob: Uint8Array;
  readonly namespace: string;
  readonly reserved: Uint8Array;
  readonly hash: SshHash;
  readonly wire: Uint8Array;
}

function malformed(message: string): StrongroomError {
  return new StrongroomError('input-malformed', `the ${document} ${message}`, { nextStep: 'ask for the signature again, made with a current OpenSSH' });
}

function readSshSignature(bytes: Uint8Array): ReadSshSignature {
  requireModest(bytes, document);
  const [block, ...more] = readPem(textOf(bytes) ?? '').filter((candidate) => candidate.label === label);
  if (block === undefined || more.length > 0) throw malformed(`expected one block "${label}", got ${more.length + (block === undefined ? 0 : 1)}`);
  const reader = new SshReader(block.der, document);
  if (!equalBytes(reader.bytes(magic.length, 'magic'), magic)) throw malformed('expected SSHSIG at its beginning');
  const version = reader.number('version');
  if (version !== 1) throw malformed(`expected version 1, got ${version}`);
  const keyBlob = reader.string('public key');
  const namespace = reader.text('namespace');
  const reserved = reader.string('reserved');
  const hash = reader.text('hash');
  const wire = reader.string('signature');
  reader.end();
  if (namespace === '') throw malformed('expected a namespace, got none');
  if (hash !== 'sha256' && hash !== 'sha512') throw malformed(`expected the hash sha256 or sha512, got ${shortLine(hash, 20)}`);
  return { keyBlob, namespace, reserved, hash, wire };
}

/** r and s at the length of the curve. @returns undefined where one does not fit */
function p1363Of(value: Uint8Array, kind: CurveKind): Uint8Array | undefined {
  const reader = new SshReader(value, document);
  const numbers = [reader.mpint('r'), reader.mpint('s')];
  reader.end();
  const length = coordinateBytes[kind];
  return numbers.some((number) => number.length > length) ? undefined : concatBytes(...numbers.map((number) => fixedLength(number, length)));
}

function readWire(wire: Uint8Array, kind: PublicKeyKind | undefined): { readonly mechanism: SignatureMechanism; readonly signature: Uint8Array } {
  const reader = new SshReader(wire, document);
  const name = reader.text('algorithm');
  const value = reader.string('value');
  reader.end();
  const mechanism = (Object.keys(wireNames) as SignatureMechanism[]).find((candidate) => wireNames[candidate] === name);
  // SECURITY: `ssh-rsa` is RSA with SHA-1, which PROTOCOL.sshsig forbids; the algorithm must also be that of the key
  if (mechanism === undefined || (mechanism !== sshMechanism(kind) && !(kind === 'rsa' && mechanism === 'rsa-pkcs1-sha256'))) throw malformed(`expected an algorithm that fits its key, got ${shortLine(name, 40)}${name === 'ssh-rsa' ? ' (RSA with SHA-1)' : ''}`);
  return { mechanism, signature: kind !== undefined && isCurve(kind) ? (p1363Of(value, kind) ?? new Uint8Array(0)) : value };
}

export interface SshExpectation {
  /** What the signature must be for. */
  readonly namespace: string;
  /** Who may sign: keys by their SubjectPublicKeyInfo, or the text of an allowed_signers file. */
  readonly allowed: { readonly keys: readonly Uint8Array[] } | { readonly allowedSigners: string; readonly principal?: string };
  /** Milliseconds since 1970, for lines of allowed_signers with a time. */
  readonly time: number;
}

export interface SshVerdict {
  /** The signature is for this file and this namespace, by a key that is allowed. */
  readonly valid: boolean;
  readonly reason?: string;
  /** Whether the signature itself verifies, whoever made it. */
  readonly signed: boolean;
  readonly namespace: string;
  readonly hash: SshHash;
  readonly keyType: string;
  readonly mechanism: SignatureMechanism;
  readonly fingerprint: string;
  readonly spki: Uint8Array;
  /** Of allowed_signers, the patterns of the lines that allow this key. */
  readonly principals: readonly string[];
}

/** Why it is not valid, or who is allowed. */
function standing(keyBlob: Uint8Array, spki: Uint8Array, { namespace, allowed, time }: SshExpectation): { readonly reason?: string; readonly principals: readonly string[] } {
  if ('keys' in allowed) return allowed.keys.some((key) => equalBytes(key, spki)) ? { principals: [] } : { reason: 'the key that signed is not one that is allowed', principals: [] };
  return allowedPrincipals(allowed.allowedSigners, { keyBlob, namespace, time, ...(allowed.principal === undefined ? {} : { principal: allowed.principal }) });
}

/**
 * @param digestOf the digest of the file by a hash
 * @throws `input-malformed` for what is no SSH signature of a type that is taken, or for an allowed_signers file that cannot be read
 */
export async function verifySshSignature(bytes: Uint8Array, digestOf: (hash: SshHash) => Promise<Uint8Array>, expected: SshExpectation): Promise<SshVerdict> {
  requireNamespace(expected.namespace);
  const read = readSshSignature(bytes);
  const spki = readSshBlob(read.keyBlob);
  const { mechanism, signature } = readWire(read.wire, readSpki(spki)?.kind);
  const facts = { namespace: shortLine(read.namespace, 300), hash: read.hash, keyType: sshKeyType(read.keyBlob), mechanism, fingerprint: sshFingerprint(read.keyBlob), spki };
  // SECURITY: the namespace is what keeps a signature for one use from being taken for another
  if (read.namespace !== expected.namespace) return { valid: false, reason: `signature is for namespace ${facts.namespace}, not ${expected.namespace}`, signed: false, ...facts, principals: [] };
  const blob = signedBlob(read.namespace, read.reserved, read.hash, await digestOf(read.hash));
  const signed = verifySignature(spki, mechanism, signerInput(mechanism, blob), signature).valid;
  if (!signed) return { valid: false, reason: 'the signature does not verify: the file or the signature was changed', signed, ...facts, principals: [] };
  const { reason, principals } = standing(read.keyBlob, spki, expected);
  return { valid: reason === undefined, ...(reason === undefined ? {} : { reason }), signed, ...facts, principals };
}
