/** Keys that leave and come: `key.export`, `key.wrap`, `key.import`, `key.unwrap`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../shared/lifecycle/purposes.ts';
import type { WrapFormat } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { Guarded, Handlers } from '../door/handlers.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { allowToRecipient, allowTravel, allowUnderKey, effectiveStrength } from '../rules/allowExport.ts';
import { allowUse } from '../rules/allowUse.ts';
import { countedUse } from '../work/countedUse.ts';
import { handOut } from '../work/handOut.ts';
import type { HandedOut } from '../work/handOut.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { makeKey, newKeyRecord } from '../work/makeKey.ts';
import { rowsOf, subjectOf } from './keys.ts';
import { viewDistribution, viewKeyAndVersion, viewVersion } from './keyViews.ts';
import { recipientNamed } from './recipients.ts';
import type { Workbench } from './workbench.ts';

/** A wrapped AES key or an RSA-4096 ciphertext; a wrapped RSA key in PKCS#8 is some kilobytes. */
const wrappedLimit = 16 * 1024;

function viewHandedOut(bench: Workbench, key: KeyRow, version: VersionRow, { distribution, sha256: digest, entry }: HandedOut): Reply<'key.export'> {
  const { records } = bench;
  const record = records.get('distribution', distribution);
  if (record === undefined) throw new StrongroomError('not-found', 'the distribution is not there any more');
  return { distribution: viewDistribution(records, { id: distribution, record }), version: viewVersion(records, key, version), sha256: toHex(digest), logEntry: entry.seq };
}

function oaep(format: 'rsa-oaep-sha256' | 'rsa-oaep-sha1') {
  return { format, hash: format === 'rsa-oaep-sha256' ? 'sha256' : 'sha1', mgf: 'mgf1', label: new Uint8Array(0) } as const;
}

const exportKey: Guarded<'key.export'> = {
  prepare: async ({ records }, request) => {
    const key = records.key(request.key);
    const version = records.version(key, request.version);
    const { id, record } = recipientNamed(records, request.to, 'to');
    allowTravel({ key: key.record, version: version.record });
    allowToRecipient({ key: key.record, version: version.record }, record.strength, request.acceptStrength);
    return {
      method: 'key.export',
      subject: subjectOf(key, version),
      recipient: { id, name: record.name, spkiSha256: sha256(record.spki), modulusBits: record.modulusBits },
      mechanism: oaep(request.format),
      effectiveStrength: effectiveStrength(key.record, record.strength),
      ownStrength: algorithmFacts[key.record.algorithm].strength,
    };
  },
  execute: async (bench, act, approved, request) => {
    const { records, ports } = bench;
    const { key, version } = rowsOf(records, act.subject);
    const recipient = records.get('recipient', act.recipient.id);
    // SECURITY: the key that is wrapped to is the one whose hash was approved
    if (recipient === undefined || !equalBytes(sha256(recipient.spki), act.recipient.spkiSha256))
      throw new StrongroomError('refused', 'the recipient is no longer the one that was approved', { rule: 'QUORUM-1', nextStep: 'ask again' });
    allowTravel({ key: key.record, version: version.record });
    allowToRecipient({ key: key.record, version: version.record }, recipient.strength, act.effectiveStrength);
    const to = { kind: 'recipient' as const, id: act.recipient.id, name: act.recipient.name, fingerprint: act.recipient.spkiSha256 };
    const out = ports.files.redeemWrite(request.out);
    const done = await handOut(bench, { act, approved, key, version, wrapper: { publicKey: recipient.spki }, to, puts: [], out, at: await bench.trustedNow() });
    return viewHandedOut(bench, key, version, done);
  },
};

const wrapKey: Guarded<'key.wrap'> = {
  prepare: async (bench, request) => {
    const { records } = bench;
    const key = records.key(request.key);
    const version = records.version(key, request.version);
    const kek = records.key(request.under);
    const kekVersion = records.version(kek);
    allowTravel({ key: key.record, version: version.record });
    allowUse({ operation: 'wrap', key: kek.record, version: kekVersion.record, usage: records.usage(kekVersion.id), count: 1, now: await bench.trustedNow() });
    allowUnderKey({ key: key.record, version: version.record }, kek.record);
    return {
      method: 'key.wrap',
      subject: subjectOf(key, version),
      under: subjectOf(kek, kekVersion),
      mechanism: { format: request.format },
      effectiveStrength: effectiveStrength(key.record, algorithmFacts[kek.record.algorithm].strength),
    };
  },
  execute: async (bench, act, approved, request) => {
    const { key, version } = rowsOf(bench.records, act.subject);
    const kek = rowsOf(bench.records, act.under);
    allowTravel({ key: key.record, version: version.record });
    allowUnderKey({ key: key.record, version: version.record }, kek.key.record);
    const counter = await countedUse(bench, { ...kek, operation: 'wrap' });
    const fingerprint = kek.version.record.secretId ?? kek.version.id;
    const to = { kind: 'key' as const, id: kek.version.id, name: `${act.under.name} version ${act.under.number}`, fingerprint };
    const out = bench.ports.files.redeemWrite(request.out);
    const done = await handOut(bench, { act, approved, key, version, wrapper: { ref: kek.version.record.ref }, to, puts: [counter], out, at: await bench.trustedNow() });
    return viewHandedOut(bench, key, version, done);
  },
};

type ImportRequest = Omit<Request<'key.import'>, 'format'> & { readonly format: WrapFormat };

/** A wrapped key becomes a key in the same place as the key that opens it; its bytes are seen by nobody. */
function importer(act: 'key.import' | 'key.unwrap') {
  return async (bench: Workbench, request: ImportRequest): Promise<Reply<'key.import'>> => {
    const { records, ports } = bench;
    const now = await bench.trustedNow();
    const opener = records.key(request.with);
    const openerVersion = records.version(opener);
    const record = newKeyRecord(bench, request, opener.record.place, now);
    if (algorithmFacts[record.algorithm].family !== 'aes')
      throw new StrongroomError('request-invalid', `"algorithm" expected an AES key, got ${record.algorithm}`, { field: 'algorithm', nextStep: 'only AES keys travel wrapped for now' });
    const counter = await countedUse(bench, { key: opener, version: openerVersion, operation: 'unwrap' });
    const wrapped = await readSmallFile(ports.files.redeemRead(request.in), wrappedLimit);
    const making = { act, origin: 'imported' as const, active: true, puts: [counter] };
    const unwrapper = openerVersion.record.ref;
    const { format } = request;
    const { key, version, entry } = await makeKey(bench, record, { ...making, make: (provider, wanted) => provider.unwrap({ ...wanted, wrapped, unwrapper, format }) });
    const made = records.get('version', version);
    if (made === undefined) throw new StrongroomError('not-found', 'the key version is not there any more');
    return { ...viewKeyAndVersion(records, key, { id: version, record: made }, now), logEntry: entry.seq };
  };
}

export const handingOutHandlers = {
  'key.export': exportKey,
  'key.wrap': wrapKey,
  'key.import': importer('key.import'),
  'key.unwrap': importer('key.unwrap'),
} satisfies Partial<Handlers>;
