/** Signatures looked at: `key.verify` with a key of the vault, `signature.verify` with anybody's. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { purposeFacts, rsaStrength } from '../../../shared/lifecycle/purposes.ts';
import type { SignatureFormat } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { readPublicKey } from '../crypto/publicKeyReader.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import { detectFormat } from '../formats/signing/detectFormat.ts';
import { largestDocument } from '../formats/signing/documentBytes.ts';
import { readVerifyingKey } from '../formats/signing/verifyingKey.ts';
import type { VerifyingKey } from '../formats/signing/verifyingKey.ts';
import type { FileGrants } from '../ports/fileGrants.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { leastStrength } from '../rules/allowExport.ts';
import { allowUse } from '../rules/allowUse.ts';
import { HashedFile } from '../work/hashedFile.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { lookAtSignature } from '../work/lookAtSignature.ts';
import type { Look, Seen } from '../work/lookAtSignature.ts';
import { viewCertificate } from './certificateViews.ts';
import { isoTime } from './keyViews.ts';
import type { Workbench } from './workbench.ts';

/** A public key, a certificate with its chain, a list of signers. */
const keyFileLimit = largestDocument;

type Looking = Pick<Request<'key.verify'>, 'in' | 'signature' | 'format' | 'mechanism' | 'encoding' | 'saltLength' | 'namespace'>;

interface Prepared {
  readonly format: SignatureFormat;
  readonly look: Omit<Look, 'keys' | 'certificates'>;
}

/** @throws `request-invalid` for a namespace where the form has none: passed over, it would be taken for checked */
async function prepare(files: FileGrants, request: Looking, now: number, run: Run): Promise<Prepared> {
  const file = new HashedFile(files.redeemRead(request.in), run);
  const signature = await readSmallFile(files.redeemRead(request.signature), largestDocument);
  const { mechanism, encoding, saltLength, namespace } = request;
  const format = request.format ?? detectFormat(signature);
  if (namespace !== undefined && format !== 'sshsig') throw new StrongroomError('request-invalid', `"namespace" is for SSH signatures, not for ${format}`, { field: 'namespace' });
  return { format, look: { signature, file, mechanism, encoding, saltLength, namespace: namespace ?? 'file', now } };
}

/** What both methods answer. */
async function viewSeen(format: SignatureFormat, seen: Seen, { file, now }: Prepared['look']) {
  const { mechanism, saltLength, namespace, claimedTime, certificate, checked, notChecked, notes } = seen;
  return {
    valid: true as const,
    format,
    mechanism,
    ...(saltLength === undefined ? {} : { saltLength }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(claimedTime === undefined ? {} : { claimedTime: isoTime(claimedTime) }),
    ...(certificate === undefined ? {} : { certificate: viewCertificate([certificate.der], seen.spki, now) }),
    sha256: toHex(await file.sha256()),
    checked: [...checked],
    notChecked: [...notChecked],
    notes: [...notes],
  };
}

function candidates({ records }: Workbench, key: KeyRow, number: number | undefined): readonly VersionRow[] {
  const versions = number === undefined ? records.versions(key.id).toReversed() : [records.version(key, number)];
  const pairs = versions.filter(({ record }) => record.publicKey !== undefined);
  if (pairs.length === 0) throw new StrongroomError('request-invalid', `"key" expected a pair whose public half is known, got "${key.record.name}"`, { field: 'key' });
  return pairs;
}

/** A destroyed private key's signatures stay what they were: its public half is no secret, and is judged as deactivated (SP 800-57 Part 1 §7.6). */
function allowVerify({ records }: Workbench, key: KeyRow, { id, record }: VersionRow, now: number): void {
  const judged = record.state === 'destroyed' ? { ...record, state: 'deactivated' as const } : record;
  allowUse({ operation: 'verify', key: key.record, version: judged, usage: records.usage(id), count: 1, now, acceptCompromised: key.record.name });
}

async function verify(bench: Workbench, request: Request<'key.verify'>, run: Run): Promise<Reply<'key.verify'>> {
  const { records, ports } = bench;
  const key = records.key(request.key);
  const { name, purpose } = key.record;
  const now = await bench.trustedNow();
  if (!purposeFacts[purpose].operations.includes('verify')) allowUse({ operation: 'verify', key: key.record, version: records.version(key).record, usage: records.usage(key.id), count: 1, now });
  const versions = candidates(bench, key, request.version);
  const { format, look } = await prepare(ports.files, request, now, run);
  const keys = versions.flatMap(({ record }) => record.publicKey ?? []);
  const certificates = versions.flatMap(({ record }) => record.certificates?.slice(0, 1) ?? []);
  const seen = await lookAtSignature(format, { ...look, keys, certificates });
  const fit = versions.find(({ record }) => record.publicKey !== undefined && equalBytes(record.publicKey, seen.spki));
  if (fit === undefined) throw new StrongroomError('signature-invalid', `the signature is not one of "${name}"`);
  allowVerify(bench, key, fit, now);
  return { ...(await viewSeen(format, seen, look)), key: name, version: fit.record.number, state: fit.record.state };
}

/** What a person should know of the key that he gave, which verifies all the same. */
function notesOn(by: VerifyingKey | undefined, { spki }: Seen, now: number): readonly string[] {
  const certificate = by !== undefined && 'certificate' in by ? by.certificate : undefined;
  const modulusBits = readPublicKey(spki)?.modulusBits ?? 0;
  return [
    ...(certificate !== undefined && now > certificate.notAfter ? [`the certificate that was given expired on ${isoTime(certificate.notAfter)}: nothing shows that the signature is older`] : []),
    ...(certificate !== undefined && now < certificate.notBefore ? [`the certificate that was given is valid from ${isoTime(certificate.notBefore)} on only`] : []),
    ...(modulusBits > 0 && rsaStrength(modulusBits) < leastStrength ? [`an RSA key of ${modulusBits} bits is too short for new signatures (SP 800-131A)`] : []),
  ];
}

/** @throws `request-invalid` for an identity that nothing could name */
function trustOf(by: VerifyingKey | undefined, identity: string | undefined): Pick<Look, 'keys' | 'certificates' | 'allowedSigners'> {
  if (by !== undefined && 'allowedSigners' in by) return { keys: [], certificates: [], allowedSigners: { text: by.allowedSigners, identity } };
  if (identity !== undefined) throw new StrongroomError('request-invalid', '"identity" is looked up in an allowed_signers file, and "by" is none', { field: 'identity', nextStep: 'give the allowed_signers file with --by' });
  if (by === undefined) return { keys: [], certificates: [] };
  return { keys: [by.spki], certificates: by.certificate === undefined ? [] : [by.certificate.der] };
}

const unvouched = 'nobody vouches for the key: it was taken from the signature itself, which anybody could have made; compare its fingerprint with one that you have from the signer';

async function verifyForeign({ ports }: LockedContext, request: Request<'signature.verify'>, run: Run): Promise<Reply<'signature.verify'>> {
  const { files, clock } = ports;
  const now = clock.now();
  const by = request.by === undefined ? undefined : readVerifyingKey(await readSmallFile(files.redeemRead(request.by), keyFileLimit));
  const trust = trustOf(by, request.identity);
  const { format, look } = await prepare(files, request, now, run);
  const seen = await lookAtSignature(format, { ...look, ...trust });
  const found = await viewSeen(format, seen, look);
  const { sshFingerprint, principals, vouched, spki } = seen;
  // SECURITY: a signature that carries its own key proves nothing about who made it: a script that looks at the exit status alone is not told that all is well
  if (!vouched && request.acceptUnvouched !== true)
    throw new StrongroomError('choice-needed', `the signature is whole, but nobody vouches for its key (SPKI SHA-256 ${toHex(sha256(spki))}): it came inside the signature`, { field: 'by', nextStep: "give the signer's key, certificate or allowed_signers file with --by, or take the key as it is with --accept-unvouched" });
  return {
    ...found,
    notes: [...(vouched ? [] : [unvouched]), ...notesOn(by, seen, now), ...found.notes],
    vouched,
    fingerprint: toHex(sha256(spki)),
    ...(sshFingerprint === undefined ? {} : { sshFingerprint }),
    ...(by === undefined ? {} : { by: by.form }),
    ...(principals === undefined ? {} : { principals: [...principals] }),
  };
}

export const verifyingHandlers = {
  'key.verify': verify,
  'signature.verify': verifyForeign,
} satisfies Partial<Handlers>;
