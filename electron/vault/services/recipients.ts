/** Recipients and what went to them: `recipient.add`, `list`, `remove`, `distribution.list`. */
import { StrongroomError, refusal } from '../../../shared/errors/strongroomError.ts';
import { algorithms } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { isFingerprint } from '../../../shared/words/pgpWords.ts';
import { toHex } from '../crypto/bytes.ts';
import { randomBytes } from '../crypto/random.ts';
import type { Handlers } from '../door/handlers.ts';
import { readRecipientKey } from '../formats/recipientKey.ts';
import type { RecipientKey } from '../formats/recipientKey.ts';
import { grouped } from '../quorum/sentence.ts';
import type { RecipientRecord } from '../records/records.ts';
import { put } from '../records/vaultRecords.ts';
import type { Row, VaultRecords } from '../records/vaultRecords.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { isoTime, viewDistribution } from './keyViews.ts';
import { distributionsOf } from './keys.ts';
import type { Workbench } from './workbench.ts';

/** A chain of certificates in PEM is some kilobytes. */
const keyFileLimit = 64 * 1024;

/** @throws `not-found` */
export function recipientNamed(records: VaultRecords, name: string, field: string): Row<RecipientRecord> {
  const row = records.find('recipient', (record) => record.name === name);
  if (row === undefined) throw new StrongroomError('not-found', `no recipient is named "${name}"`, { field, nextStep: 'see `recipient list`; add one with `recipient add`' });
  return row;
}

function viewRecipient(bench: Workbench, { id, record }: Row<RecipientRecord>): Reply<'recipient.add'> {
  const { name, fingerprint, modulusBits, strength, form, certificate, notes, confirmedAt } = record;
  return {
    id: toHex(id),
    name,
    fingerprint: toHex(fingerprint),
    algorithm: algorithmOf(record),
    modulusBits,
    strength,
    form,
    ...(certificate === undefined ? {} : { certificate: { ...certificate, notBefore: isoTime(certificate.notBefore), notAfter: isoTime(certificate.notAfter) } }),
    notes,
    confirmedAt: isoTime(confirmedAt),
    confirmedBy: personNamed(bench, record.confirmedBy),
  };
}

/** `rsa-3072`, `ec-p256`. */
export function algorithmOf({ algorithm, modulusBits }: RecipientRecord): string {
  return algorithm ?? `rsa-${modulusBits}`;
}

function personNamed({ vault }: Workbench, id: Uint8Array): string {
  return toHex(id) === toHex(vault.principal.id) ? vault.principal.name : toHex(id);
}

function requireNew(records: VaultRecords, name: string, key: RecipientKey): void {
  if (records.find('recipient', (record) => record.name === name) !== undefined)
    throw new StrongroomError('already-exists', `a recipient is named "${name}" already`, { field: 'name', nextStep: 'choose another name, or remove it first' });
  const twin = records.find('recipient', (record) => toHex(record.fingerprint) === toHex(key.fingerprint));
  if (twin !== undefined) throw new StrongroomError('already-exists', `this key is the recipient "${twin.record.name}" already`, { field: 'key' });
}

/** Rule RECIPIENT-1: the person gives the fingerprint that he has from the recipient by another way, in hex or in words. */
async function confirmFingerprint({ ports }: Workbench, name: string, key: RecipientKey): Promise<void> {
  const typed = await ports.prompt.confirm({
    why: 'fingerprint',
    sentence: `Add the recipient "${name}" with this key (${key.algorithm})`,
    details: [
      `fingerprint (SHA-256 of its SubjectPublicKeyInfo): ${grouped(key.fingerprint)}`,
      `what is wrapped to it has at most ${key.strength} bits of strength`,
      ...(key.certificate === undefined ? [] : [`certificate of ${key.certificate.subject}, issued by ${key.certificate.issuer}; the chain is not checked`]),
      ...key.notes,
      'compare it with what the recipient told you by another way: by telephone, on paper, in person',
    ],
    expected: toHex(key.fingerprint),
    expectedIs: 'the fingerprint, as you have it from the recipient',
    verb: `Add ${name}`,
    fingerprint: toHex(key.fingerprint),
  });
  if (!isFingerprint(typed, toHex(key.fingerprint))) throw refusal('RECIPIENT-1', 'the fingerprint that was given is not that of the key in the file; nothing was added', 'ask the recipient for the fingerprint, and for the key again');
}

async function add(bench: Workbench, request: Request<'recipient.add'>): Promise<Reply<'recipient.add'>> {
  const { ports, records, vault } = bench;
  const now = await bench.trustedNow();
  const bytes = await readSmallFile(ports.files.redeemRead(request.key), keyFileLimit);
  const key = readRecipientKey(bytes, { acceptExpired: request.acceptExpired === true, now });
  requireNew(records, request.name, key);
  await confirmFingerprint(bench, request.name, key);
  const { spki, fingerprint, modulusBits, strength, form, certificate, notes } = key;
  const curve = algorithms.find((name) => name === key.algorithm && modulusBits === 0);
  const record: RecipientRecord = {
    name: request.name,
    spki,
    fingerprint,
    ...(curve === undefined ? {} : { algorithm: curve }),
    modulusBits,
    strength,
    form,
    ...(certificate === undefined ? {} : { certificate }),
    notes: [...notes],
    confirmedAt: now,
    confirmedBy: vault.principal.id,
  };
  const id = randomBytes(16);
  vault.commit({ kind: 'recipient', body: { act: 'recipient.add', recipient: id, fingerprint, algorithm: key.algorithm, modulusBits }, personal: { name: request.name }, puts: [put('recipient', id, record)] });
  return viewRecipient(bench, { id, record });
}

function list(bench: Workbench): Reply<'recipient.list'> {
  const rows = [...bench.records.all('recipient')].sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  return { recipients: rows.map((row) => viewRecipient(bench, row)) };
}

async function remove(bench: Workbench, request: Request<'recipient.remove'>): Promise<Reply<'recipient.remove'>> {
  const { records, ports, vault } = bench;
  const { id, record } = recipientNamed(records, request.name, 'name');
  const holds = heldBy(records, id).map((row) => viewDistribution(records, row));
  const typed = await ports.prompt.confirm({
    why: 'act',
    sentence: `Remove the recipient "${record.name}"`,
    details: [`${holds.length} distributions to it stay on record`, 'what it holds, it keeps'],
    expected: record.name,
    expectedIs: 'the name of the recipient',
    verb: `Remove ${record.name}`,
  });
  if (typed.normalize('NFC') !== record.name) throw new StrongroomError('confirmation-wrong', `the name of the recipient expected "${record.name}", got another text; nothing was done`);
  vault.commit({ kind: 'recipient', body: { act: 'recipient.remove', recipient: id, fingerprint: record.fingerprint }, personal: { name: record.name }, removes: [{ table: 'recipient', id }] });
  return { removed: record.name, holds };
}

function heldBy(records: VaultRecords, recipient: Uint8Array) {
  return [...records.all('distribution')].filter(({ record }) => toHex(record.to.id) === toHex(recipient));
}

function distributions({ records }: Workbench, { key, recipient }: Request<'distribution.list'>): Reply<'distribution.list'> {
  const ofKey = key === undefined ? [...records.all('distribution')] : distributionsOf(records, records.versions(records.key(key).id));
  const rows = recipient === undefined ? ofKey : ofKey.filter(({ record }) => record.to.name === recipient);
  return { distributions: rows.sort((a, b) => a.record.at - b.record.at).map((row) => viewDistribution(records, row)) };
}

export const recipientHandlers = {
  'recipient.add': add,
  'recipient.list': list,
  'recipient.remove': remove,
  'distribution.list': distributions,
} satisfies Partial<Handlers>;
