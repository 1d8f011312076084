/** What devices say of keys: `key.attest` for a key of the vault, `attestation.verify` for anybody's. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { attestationVerdictTexts } from '../../../shared/model/attestation.ts';
import { toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import { evidenceFor, readEvidence } from '../formats/attestation/evidence.ts';
import { knownIssuers } from '../formats/attestation/knownIssuers.ts';
import { verifyAttestation } from '../formats/attestation/verifyAttestation.ts';
import { readPublicKeyFile } from '../formats/readPublicKeyFile.ts';
import { largestDocument } from '../formats/signing/documentBytes.ts';
import type { FileGrants } from '../ports/fileGrants.ts';
import type { AttestationRecord } from '../records/records.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { judgeGiven, takeAttestation } from '../work/takeAttestation.ts';
import { viewAttestation, viewRecord } from './attestationViews.ts';
import { viewKeyAndVersion } from './keyViews.ts';
import type { Workbench } from './workbench.ts';

async function readFiles(files: FileGrants, ids: readonly string[]): Promise<readonly Uint8Array[]> {
  const read: Uint8Array[] = [];
  for (const id of ids) read.push(...readEvidence(await readSmallFile(files.redeemRead(id), largestDocument)));
  return read;
}

/** A key whose clear bytes were in this vault was born where no device could see it. @throws `request-invalid` */
function publicHalfOnToken({ record: { name, place } }: KeyRow, { record }: VersionRow): Uint8Array {
  if (place.kind === 'software') throw new StrongroomError('request-invalid', `"key" expected a key on a token, got "${name}", which is in this vault`, { field: 'key' });
  if (record.publicKey === undefined) throw new StrongroomError('request-invalid', `"key" expected a pair, got the secret key "${name}": devices attest pairs alone`, { field: 'key' });
  return record.publicKey;
}

/** SECURITY: what is of another key is not kept with this one. @throws `input-malformed` */
function ofKey(all: readonly Uint8Array[], spki: Uint8Array): readonly Uint8Array[] {
  const { evidence } = evidenceFor(all, spki);
  if (evidence.length === 0) throw new StrongroomError('input-malformed', `the files hold no attestation of this key, whose public key has the SHA-256 ${toHex(sha256(spki))}`, { field: 'files', nextStep: 'give the attestation of this very key, and the certificate of its device' });
  return evidence;
}

async function take(bench: Workbench, key: KeyRow, version: VersionRow, ids: readonly string[] | undefined): Promise<AttestationRecord> {
  const { ports } = bench;
  const { place } = key.record;
  const asked = { publicKey: publicHalfOnToken(key, version), place, at: await bench.trustedNow() };
  if (ids !== undefined) return judgeGiven(ports.host, ofKey(await readFiles(ports.files, ids), asked.publicKey), asked, 'files');
  const taken = await takeAttestation(ports.host, await bench.reader(place), asked);
  const kept = version.record.attestation?.evidence ?? [];
  if (taken === undefined || (taken.evidence.length === 0 && kept.length > 0)) throw new StrongroomError('token-cannot', 'the token shows no attestation of this key: the one that was kept stays', { field: 'key' });
  return taken;
}

async function attest(bench: Workbench, request: Request<'key.attest'>): Promise<Reply<'key.attest'>> {
  const { records, vault } = bench;
  const key = records.key(request.key);
  const asked = records.version(key, request.version);
  const attestation = await take(bench, key, asked, request.files);
  const version = records.version(key, asked.record.number); // as it is by now: the token took its time
  const record = { ...version.record, attestation };
  const { verdict, from, evidence, at } = attestation;
  const body = { act: 'key.attest', key: key.id, version: version.id, number: version.record.number, verdict, from, evidence: evidence.map((der) => sha256(der)) };
  const entry = vault.commit({ kind: 'key', body, puts: [put('version', version.id, record)] });
  return { ...viewKeyAndVersion(records, key, { id: version.id, record }, at), attestation: viewRecord(attestation), logEntry: entry.seq };
}

async function verify({ ports }: LockedContext, request: Request<'attestation.verify'>): Promise<Reply<'attestation.verify'>> {
  const { files, host } = ports;
  const evidence = await readFiles(files, request.files);
  const spki = request.key === undefined ? undefined : readPublicKeyFile(await readSmallFile(files.redeemRead(request.key), largestDocument)).spki;
  const found = verifyAttestation(evidence, { spki, serial: request.serial }, knownIssuers(host.attestationIssuers));
  if (request.requireGenerated === true && found.verdict !== 'generated-on-device') throw new StrongroomError('refused', `${attestationVerdictTexts[found.verdict]}: ${found.reason}`, { nextStep: 'without "requireGenerated" all that was found is shown' });
  return { ...viewAttestation(found), ...(found.spki === undefined ? {} : { fingerprint: toHex(sha256(found.spki)) }) };
}

export const attestationHandlers = {
  'key.attest': attest,
  'attestation.verify': verify,
} satisfies Partial<Handlers>;
