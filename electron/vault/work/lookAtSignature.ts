/** A detached signature of any form, looked at with keys that may have made it: who signed, what that shows, and what it does not. Nothing here is secret. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { mechanismsOf } from '../../../shared/lifecycle/purposes.ts';
import type { Algorithm, SignatureFormat, SignatureMechanism } from '../../../shared/model/terms.ts';
import { toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { isCurve, readSpki } from '../crypto/spki.ts';
import type { PublicKeyKind } from '../crypto/spki.ts';
import { verifySignature } from '../crypto/verifySignature.ts';
import type { Verdict } from '../crypto/verifySignature.ts';
import { digestBytes, mechanismHash } from '../crypto/mechanismHash.ts';
import { ecdsaToP1363, requireP1363 } from '../formats/signing/ecdsaSignature.ts';
import { jwsSigningInput, readJws, verifyJws } from '../formats/signing/jws.ts';
import type { ReadJws } from '../formats/signing/jws.ts';
import { verifySshSignature } from '../formats/signing/sshSignature.ts';
import { cmsNotChecked, verifyCms } from '../formats/signing/verifyCms.ts';
import type { CmsSigner } from '../formats/signing/verifyCms.ts';
import type { X509Facts } from '../formats/signing/x509.ts';
import type { HashedFile } from './hashedFile.ts';

export interface Look {
  readonly signature: Uint8Array;
  readonly file: HashedFile;
  /** SubjectPublicKeyInfos that it may be by; none where only the key inside the signature is at hand. */
  readonly keys: readonly Uint8Array[];
  /** DER certificates that it may be by. */
  readonly certificates: readonly Uint8Array[];
  readonly allowedSigners?: { readonly text: string; readonly identity: string | undefined } | undefined;
  readonly mechanism: SignatureMechanism | undefined;
  readonly encoding: 'der' | 'p1363';
  readonly saltLength: number | undefined;
  readonly namespace: string;
  readonly now: number;
}

export interface Seen {
  readonly mechanism: SignatureMechanism;
  readonly spki: Uint8Array;
  /** The key is one that was given. */
  readonly vouched: boolean;
  readonly saltLength?: number;
  readonly namespace?: string;
  readonly claimedTime?: number;
  readonly certificate?: X509Facts;
  readonly principals?: readonly string[];
  readonly sshFingerprint?: string;
  readonly checked: readonly string[];
  readonly notChecked: readonly string[];
  readonly notes: readonly string[];
}

const noTime = 'when it was made: nothing in it says so';
/** An ML-DSA-65 signature has 3,309 bytes. */
const longestRaw = 8192;

function invalid(reason: string, nextStep = 'check that file, signature and key belong together'): StrongroomError {
  return new StrongroomError('signature-invalid', reason, { nextStep });
}

function nameOf(spki: Uint8Array): string {
  return `the key with the fingerprint ${toHex(sha256(spki))}`;
}

function mechanismsOfKind(kind: PublicKeyKind | undefined): readonly SignatureMechanism[] {
  if (kind === undefined) return [];
  if (kind === 'rsa') return mechanismsOf('rsa-2048');
  return kind === 'rsa-pss' ? mechanismsOf('rsa-2048').filter((mechanism) => mechanism.startsWith('rsa-pss')) : mechanismsOf(kind as Algorithm);
}

/** @throws `request-invalid` for a scheme that is not the key's */
function mechanismFor(spki: Uint8Array, wanted: SignatureMechanism | undefined, saltLength: number | undefined): SignatureMechanism {
  const kind = readSpki(spki)?.kind;
  const fits = mechanismsOfKind(kind);
  const mechanism = wanted ?? fits[0];
  if (mechanism === undefined) throw new StrongroomError('input-malformed', `the public key expected one that signs, got ${kind ?? 'another kind'}`, { nextStep: "give the signer's public key" });
  if (!fits.includes(mechanism)) throw new StrongroomError('request-invalid', `"mechanism" for ${kind} expected ${fits.join(', ')}, got ${mechanism}`, { field: 'mechanism' });
  if (saltLength !== undefined && !mechanism.startsWith('rsa-pss')) throw new StrongroomError('request-invalid', `"saltLength" is for RSA-PSS, not for ${mechanism}`, { field: 'saltLength' });
  return mechanism;
}

/** @throws `request-invalid` where no key was given that such a signature could be by */
function requireKey({ keys: [key] }: Look, form: string): Uint8Array {
  if (key === undefined) throw new StrongroomError('request-invalid', `"by" expected a public key or certificate for ${form}, got none`, { field: 'by', nextStep: "give the signer's public key" });
  return key;
}

/** SECURITY: a valid signature whose salt is not the one that was asked for is named, and not taken. */
function requireSalt({ saltLength }: Verdict, wanted: number | undefined): void {
  if (wanted === undefined || saltLength === wanted) return;
  throw new StrongroomError('signature-invalid', `the signature was made with a salt of ${saltLength} bytes: "saltLength" expected ${wanted}`, { field: 'saltLength', nextStep: 'ask the signer for the agreed salt length' });
}

function saltNotes(mechanism: SignatureMechanism, saltLength: number | undefined): string[] {
  const hash = digestBytes(mechanism);
  if (saltLength === undefined || hash === undefined || saltLength === hash) return [];
  return [`the salt has ${saltLength} bytes, ${saltLength > hash ? 'longer' : 'shorter'} than the hash (${hash})`];
}

function rawSignature({ signature, encoding }: Look, spki: Uint8Array): Uint8Array {
  const kind = readSpki(spki)?.kind;
  if (signature.length > longestRaw) throw new StrongroomError('input-too-large', `a raw signature expected at most ${longestRaw} bytes, got ${signature.length}`, { field: 'signature', nextStep: 'look whether this is the right file' });
  if (kind === undefined || !isCurve(kind)) return signature;
  return encoding === 'p1363' ? requireP1363(signature, kind) : ecdsaToP1363(signature, kind);
}

async function lookAtRaw(look: Look): Promise<Seen> {
  const first = requireKey(look, 'a raw signature');
  const mechanism = mechanismFor(first, look.mechanism, look.saltLength);
  const signature = rawSignature(look, first);
  const input = await look.file.input({ hash: mechanismHash(mechanism) });
  for (const spki of look.keys) {
    const verdict = verifySignature(spki, mechanism, input, signature, { saltLength: 'any' });
    if (!verdict.valid) continue;
    requireSalt(verdict, look.saltLength);
    const { saltLength } = verdict;
    const notes = saltNotes(mechanism, saltLength);
    return { mechanism, spki, vouched: true, ...(saltLength === undefined ? {} : { saltLength }), checked: [`the signature over the file, by ${mechanism}`], notChecked: [noTime], notes };
  }
  throw invalid(`the signature is not one over this file by ${mechanism} and the key that was given`, 'check the file, the signature, --mechanism and --encoding');
}

function cmsNotes({ certificate, timeWithinCertificate, certificateBound, attributesSigned }: CmsSigner, now: number, others: number): readonly string[] {
  return [
    ...(timeWithinCertificate === false ? ['the claimed time lies outside the validity of the certificate'] : []),
    ...(certificate !== undefined && now > certificate.notAfter ? [`the certificate expired on ${new Date(certificate.notAfter).toISOString()}`] : []),
    ...(certificate !== undefined && !certificateBound ? ['the signature does not name its certificate: another one of the same key could stand in its place'] : []),
    ...(attributesSigned ? [] : ['it has no signed attributes: nothing in it says when and for what it was made']),
    ...(others > 0 ? [`${others} more signed the same file`] : []),
  ];
}

async function lookAtCms(look: Look): Promise<Seen> {
  const { keys, certificates, file, now } = look;
  const { signers } = await verifyCms(look.signature, { digest: (hash) => file.digest(hash), content: () => file.input({ hash: undefined }) }, { keys, certificates });
  const wrong = signers.find(({ valid }) => !valid);
  // SECURITY: where one of several signers is not valid, the whole is not
  if (wrong !== undefined) throw invalid(wrong.reason ?? 'the signature does not verify');
  const given = keys.length + certificates.length > 0;
  const [signer] = given ? signers.filter(({ trusted }) => trusted) : signers;
  const [other] = signers;
  if (signer === undefined) throw invalid(`the signature verifies, and was made by another: ${other?.certificate?.subject ?? 'without a certificate'}, ${other?.spki === undefined ? '' : nameOf(other.spki)}`, 'ask the signer for his public key by another way');
  const { mechanism, spki, claimedTime, certificate, saltLength } = signer;
  if (mechanism === undefined || spki === undefined) throw invalid('the signature names no key');
  return {
    mechanism: mechanism as SignatureMechanism,
    spki,
    vouched: given,
    ...(saltLength === undefined ? {} : { saltLength }),
    ...(claimedTime === undefined ? {} : { claimedTime }),
    ...(certificate === undefined ? {} : { certificate }),
    checked: [`the file's ${signer.hash ?? 'hash'}${signer.attributesSigned ? ' and the signed attributes' : ''}, by ${mechanism}`, ...(signer.certificateBound ? ['that the certificate is the one that the signer named'] : [])],
    notChecked: cmsNotChecked,
    notes: cmsNotes(signer, now, signers.length - 1),
  };
}

async function lookAtSsh(look: Look): Promise<Seen> {
  const { file, keys, allowedSigners, namespace, now } = look;
  const given = keys.length > 0 || allowedSigners !== undefined;
  const allowed = allowedSigners === undefined ? { keys } : { allowedSigners: allowedSigners.text, ...(allowedSigners.identity === undefined ? {} : { principal: allowedSigners.identity }) };
  const verdict = await verifySshSignature(look.signature, (hash) => file.digest(hash), { namespace, allowed, time: now });
  if (!(verdict.valid || (!given && verdict.signed))) throw invalid(verdict.signed ? `${verdict.reason ?? 'refused'}: ${verdict.keyType} ${verdict.fingerprint}` : (verdict.reason ?? 'the signature does not verify'));
  return {
    mechanism: verdict.mechanism as SignatureMechanism,
    spki: verdict.spki,
    vouched: given,
    namespace: verdict.namespace,
    sshFingerprint: verdict.fingerprint,
    ...(allowedSigners === undefined ? {} : { principals: verdict.principals }),
    checked: [`the signature over the file's ${verdict.hash}, by ${verdict.mechanism}`, `that it is for the namespace ${verdict.namespace}`, ...(allowedSigners === undefined ? [] : ['that the key is allowed now, for this namespace'])],
    notChecked: [noTime],
    notes: [],
  };
}

/** @throws the first reason where no key fits */
function readForSome(signature: Uint8Array, keys: readonly Uint8Array[]): readonly { readonly spki: Uint8Array; readonly read: ReadJws }[] {
  let first: unknown;
  const fitting = keys.flatMap((spki) => {
    try {
      return [{ spki, read: readJws(signature, spki) }];
    } catch (error) {
      first ??= error;
      return [];
    }
  });
  if (fitting.length === 0) throw first;
  return fitting;
}

async function lookAtJws(look: Look): Promise<Seen> {
  requireKey(look, 'a JWS');
  const fitting = readForSome(look.signature, look.keys);
  const [{ read }] = fitting as [(typeof fitting)[number]];
  const input = await look.file.input({ hash: read.hash, around: (file) => jwsSigningInput(read, file) });
  const fit = fitting.find(({ spki, read: own }) => verifyJws(own, input, spki));
  if (fit === undefined) throw invalid(`the JWS is not one over this file by ${read.algorithm} and the key that was given`);
  return {
    mechanism: read.mechanism as SignatureMechanism,
    spki: fit.spki,
    vouched: true,
    checked: [`the signature over the header and the file${read.base64url ? ' in base64url' : ' as it is'}, by ${read.algorithm}`],
    notChecked: [noTime, 'what else the header says'],
    notes: [...read.notes, ...(read.keyId === undefined ? [] : [`the header names the key "${read.keyId}"`])],
  };
}

/** Fields of a request that only one form has. @throws `request-invalid` */
function requireOwnFields(format: SignatureFormat, { saltLength, allowedSigners }: Look): void {
  if (format !== 'raw' && saltLength !== undefined) throw new StrongroomError('request-invalid', `"saltLength" is for raw signatures, not for ${format}, which says it itself`, { field: 'saltLength' });
  if (format !== 'sshsig' && allowedSigners !== undefined) throw new StrongroomError('request-invalid', `"by" expected a public key or certificate for ${format}, got an allowed_signers file`, { field: 'by', nextStep: "give the signer's public key or certificate" });
}

const looks: Readonly<Record<SignatureFormat, (look: Look) => Promise<Seen>>> = { raw: lookAtRaw, cms: lookAtCms, sshsig: lookAtSsh, jws: lookAtJws };

/** @throws `signature-invalid`, `input-malformed`, `input-too-large`, `request-invalid`, `file-*` */
export async function lookAtSignature(format: SignatureFormat, look: Look): Promise<Seen> {
  requireOwnFields(format, look);
  const seen = await looks[format](look);
  if (look.mechanism !== undefined && seen.mechanism !== look.mechanism) throw invalid(`the signature was made by ${seen.mechanism}: "mechanism" expected ${look.mechanism}`, 'leave --mechanism out, or ask the signer for the agreed one');
  return seen;
}
