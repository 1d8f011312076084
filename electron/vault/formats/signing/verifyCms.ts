/**
 * Verifies a detached CMS signature (RFC 5652 §5.6) of one or several signers. Each is judged alone; the whole is valid where all of them are.
 * Checked: the file's digest, the signed attributes, the signature, and that the certificate is the one that the signer named. Not checked: see `cmsNotChecked`.
 */
import { isStrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SignatureMechanism } from '../../../../shared/model/terms.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { derTags, oidText, readDer, readDerList } from '../../crypto/derValue.ts';
import { hash } from '../../crypto/hashes.ts';
import type { HashName } from '../../crypto/hashes.ts';
import { readSpki } from '../../crypto/spki.ts';
import { fitsMechanism } from '../../crypto/verifySignature.ts';
import type { VerifyOptions } from '../../crypto/verifySignature.ts';
import { cmsOids } from './cmsOids.ts';
import { readTime } from './derTime.ts';
import { mechanismHash } from '../../crypto/mechanismHash.ts';
import { verifyInputValue, verifySignedValue } from './documentSigner.ts';
import { readCms } from './readCms.ts';
import type { CmsSignerInfo } from './readCms.ts';
import { readHashIdentifier, readSignatureIdentifier } from './signatureAlgorithms.ts';
import { readX509 } from './x509.ts';
import type { X509Facts } from './x509.ts';

export const cmsNotChecked = [
  "the chain of the signer's certificate, whether it was revoked, and what it may be used for",
  'the time, which the signer claims',
  'unsigned attributes, such as time stamps and countersignatures',
] as const;

export interface CmsTrust {
  /** SubjectPublicKeyInfos whose signatures are believed. */
  readonly keys: readonly Uint8Array[];
  /** DER certificates that are believed; also used where the signature carries none. */
  readonly certificates: readonly Uint8Array[];
}

export interface CmsSigner {
  readonly valid: boolean;
  /** Why it is not valid. */
  readonly reason?: string;
  /** Its key or certificate is among those that are believed. */
  readonly trusted: boolean;
  readonly spki?: Uint8Array;
  readonly certificate?: X509Facts;
  /** Milliseconds since 1970, as the signer claims. */
  readonly claimedTime?: number;
  /** Whether the claimed time lies within the certificate's validity. */
  readonly timeWithinCertificate?: boolean;
  readonly hash?: HashName;
  readonly mechanism?: SignatureMechanism;
  /** Bytes, of PSS. */
  readonly saltLength?: number;
  /** The signed attributes name the certificate by its hash (RFC 5035): another one with the same key cannot take its place. */
  readonly certificateBound: boolean;
  /** False: the signature is over the file alone, which is then looked at, lest it be the signed attributes of another signature. */
  readonly attributesSigned: boolean;
}

export interface CmsVerdict {
  /** All signers' signatures verify. */
  readonly valid: boolean;
  readonly signers: readonly CmsSigner[];
}

/** The file that is said to be signed. */
export interface CmsFile {
  /** Its digest by a hash; asked for each hash once or more. */
  digest(hash: HashName): Promise<Uint8Array>;
  /** All of it, where it is small enough: for signatures without signed attributes, by which Ed25519 signs the file itself (RFC 8419 §3.1). */
  readonly content?: () => Promise<Uint8Array>;
}

/** A signer who is not valid. Nothing is thrown past one signer: the others are judged too. */
class NotValid extends Error {}

function onlyValue(info: CmsSignerInfo, oid: string, field: string): Uint8Array | undefined {
  const values = info.attributes?.get(oid);
  if (values === undefined) return undefined;
  const [value] = values;
  if (value === undefined || values.length !== 1) throw new NotValid(`the signed attribute "${field}" expected one value, got ${values.length}`);
  return value.whole;
}

/** RFC 5652 §11.1 and §11.2: both must stand, once, and say what the file says. */
function requireContent(info: CmsSignerInfo, digest: Uint8Array): void {
  const type = onlyValue(info, cmsOids.contentType, 'contentType');
  if (type === undefined || oidText(readDer(type, derTags.oid) ?? new Uint8Array(0)) !== cmsOids.data) throw new NotValid('the signed attribute "contentType" does not say plain data');
  const signed = onlyValue(info, cmsOids.messageDigest, 'messageDigest');
  const value = signed === undefined ? undefined : readDer(signed, derTags.octetString);
  if (value === undefined) throw new NotValid('the signed attribute "messageDigest" is missing');
  // SECURITY: without this, a signature of another file by the same key would be taken for this one's
  if (!equalBytes(value, digest)) throw new NotValid('the file is not the one that was signed: its digest differs');
}

function isNamed({ id }: CmsSignerInfo, certificate: X509Facts): boolean {
  if ('subjectKey' in id) return certificate.subjectKeyIdentifier !== undefined && equalBytes(certificate.subjectKeyIdentifier, id.subjectKey);
  return equalBytes(certificate.issuerName, id.issuer) && equalBytes(certificate.serialDer, id.serial);
}

/** ESSCertIDv2 of the first certificate, RFC 5035 §3. @returns whether there was one @throws NotValid where it names another certificate */
function requireNamedCertificate(info: CmsSignerInfo, certificate: X509Facts): boolean {
  const attribute = onlyValue(info, cmsOids.signingCertificateV2, 'signingCertificateV2');
  if (attribute === undefined) return false;
  const what = 'attribute signingCertificateV2';
  const first = DerFields.of(DerFields.of(DerFields.of(attribute, what).any('certificates').whole, what).any('certificate').whole, what);
  const identifier = first.optional(derTags.sequence);
  const name = identifier === undefined ? 'sha256' : readHashIdentifier(identifier.whole, what);
  const named = first.take(derTags.octetString, 'hash').content;
  if (!equalBytes(named, hash(name, certificate.der))) throw new NotValid('the signed attributes name another certificate than the one that came along');
  return true;
}

interface Algorithms {
  readonly hash: HashName;
  readonly mechanism: SignatureMechanism;
  readonly saltLength?: number;
}

/** RFC 5652 §5.4 gives one hash for file and attributes; Ed25519 and ML-DSA have their own inside. */
function algorithmsOf(info: CmsSignerInfo): Algorithms {
  const digest = readHashIdentifier(info.digestIdentifier, 'CMS signature');
  const read = readSignatureIdentifier(info.signatureIdentifier, 'CMS signature', digest);
  const own = mechanismHash(read.mechanism);
  if (own !== undefined && own !== digest) throw new NotValid(`the digest algorithm is ${digest}, the signature's is ${own}`);
  return { hash: digest, ...read };
}

/** SECURITY: the signed attributes of one signature, kept as a file, would pass for a file signed without attributes: the same bytes are signed (Strenzke 2023, against RFC 5652 §5.4). */
async function requireNoAttributes({ content }: CmsFile): Promise<void> {
  const attributes = readDerList(readDer((await contentOf(content)) ?? new Uint8Array(0), derTags.set) ?? new Uint8Array(0)) ?? [];
  const types = attributes.map(({ tag, content: attribute }) => (tag === derTags.sequence ? readDerList(attribute)?.[0] : undefined));
  if (types.some((type) => type?.tag === derTags.oid && oidText(type.content) === cmsOids.messageDigest))
    throw new NotValid('the file is the signed attributes of another signature, and this one has none of its own: what was signed is another file');
}

/** @returns undefined for what is too large to be attributes */
async function contentOf(content: CmsFile['content']): Promise<Uint8Array | undefined> {
  try {
    return await content?.();
  } catch (error) {
    if (isStrongroomError(error, 'input-too-large')) return undefined;
    throw error;
  }
}

async function isSigned(info: CmsSignerInfo, spki: Uint8Array, { hash: name, mechanism }: Algorithms, file: CmsFile, options: VerifyOptions): Promise<boolean> {
  if (info.attributes !== undefined) return verifySignedValue(spki, mechanism, info.signedBytes, info.signature, options);
  await requireNoAttributes(file);
  if (mechanismHash(mechanism) !== undefined) return verifyInputValue(spki, mechanism, await file.digest(name), info.signature, options);
  if (file.content === undefined) throw new NotValid(`the signature has no signed attributes, and ${mechanism} then signs the whole file, which is too large for that`);
  return verifySignedValue(spki, mechanism, await file.content(), info.signature, options);
}

function candidates(info: CmsSignerInfo, certificates: readonly X509Facts[], trust: CmsTrust, mechanism: SignatureMechanism): readonly { readonly spki: Uint8Array; readonly certificate?: X509Facts }[] {
  const named = certificates.filter((certificate) => isNamed(info, certificate));
  if (named.length > 0) return named.map((certificate) => ({ spki: certificate.spki, certificate }));
  return trust.keys.filter((spki) => fitsMechanism(readSpki(spki)?.kind ?? 'x25519', mechanism)).map((spki) => ({ spki }));
}

/** What a signer says of himself, whether it verifies or not. */
function claims(info: CmsSignerInfo, certificate: X509Facts | undefined): Pick<CmsSigner, 'claimedTime' | 'timeWithinCertificate'> {
  const value = info.attributes?.get(cmsOids.signingTime)?.[0];
  const claimedTime = value === undefined ? undefined : readTime(value);
  if (claimedTime === undefined) return {};
  return { claimedTime, ...(certificate === undefined ? {} : { timeWithinCertificate: claimedTime >= certificate.notBefore && claimedTime <= certificate.notAfter }) };
}

async function judge(info: CmsSignerInfo, certificates: readonly X509Facts[], file: CmsFile, trust: CmsTrust): Promise<CmsSigner> {
  const algorithms = algorithmsOf(info);
  if (info.attributes !== undefined) requireContent(info, await file.digest(algorithms.hash));
  const found = candidates(info, certificates, trust, algorithms.mechanism);
  if (found.length === 0) throw new NotValid("the signer's certificate did not come along, and no key was given");
  const options = algorithms.saltLength === undefined ? {} : { saltLength: algorithms.saltLength };
  for (const { spki, certificate } of found) {
    if (!(await isSigned(info, spki, algorithms, file, options))) continue;
    const certificateBound = certificate !== undefined && requireNamedCertificate(info, certificate);
    const trusted = trust.keys.some((key) => equalBytes(key, spki)) || (certificate !== undefined && trust.certificates.some((der) => equalBytes(der, certificate.der)));
    return { valid: true, trusted, spki, ...(certificate === undefined ? {} : { certificate }), ...claims(info, certificate), ...algorithms, certificateBound, attributesSigned: info.attributes !== undefined };
  }
  throw new NotValid("the signature does not verify with the signer's key");
}

async function judgeAlone(info: CmsSignerInfo, certificates: readonly X509Facts[], file: CmsFile, trust: CmsTrust): Promise<CmsSigner> {
  try {
    return await judge(info, certificates, file, trust);
  } catch (error) {
    if (!(error instanceof NotValid) && !isStrongroomError(error, 'input-malformed')) throw error;
    const certificate = certificates.find((candidate) => isNamed(info, candidate));
    return { valid: false, reason: error.message, trusted: false, ...(certificate === undefined ? {} : { certificate }), ...claims(info, certificate), certificateBound: false, attributesSigned: info.attributes !== undefined };
  }
}

/** @throws `input-malformed` for what is no detached CMS signature */
export async function verifyCms(cms: Uint8Array, file: CmsFile, trust: CmsTrust): Promise<CmsVerdict> {
  const read = readCms(cms);
  // SECURITY: what the person gave goes first: anybody can put a certificate of the same key, issuer and number with another name into a signature
  const certificates = [...trust.certificates.map(readX509), ...read.certificates];
  const signers: CmsSigner[] = [];
  for (const info of read.signers) signers.push(await judgeAlone(info, certificates, file, trust));
  return { valid: signers.every(({ valid }) => valid), signers };
}
