/** Keys that leave and come wrapped: `key.export`, `key.wrap`, `key.unwrap`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../shared/lifecycle/purposes.ts';
import type { WrapFormat } from '../../../shared/model/terms.ts';
import { isTwoSteps, oaepHashOf } from '../../../shared/model/wrapFormats.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { equalBytes, toHex, utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { Guarded, Handlers } from '../door/handlers.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { allowFit, allowToRecipient, allowTravel, allowUnderKey, effectiveStrength, ownStrength } from '../rules/allowExport.ts';
import { allowUse } from '../rules/allowUse.ts';
import { countedUse } from '../work/countedUse.ts';
import { handOut } from '../work/handOut.ts';
import type { HandedOut } from '../work/handOut.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { makeKey, newKeyRecord } from '../work/makeKey.ts';
import { rowsOf, subjectOf } from './keys.ts';
import { viewDistribution, viewKeyAndVersion, viewVersion } from './keyViews.ts';
import { algorithmOf, recipientNamed } from './recipients.ts';
import type { Workbench } from './workbench.ts';

/** A wrapped AES key or an RSA-4096 ciphertext; a wrapped RSA key in PKCS#8 is some kilobytes. */
const wrappedLimit = 16 * 1024;

function viewHandedOut(bench: Workbench, key: KeyRow, version: VersionRow, { distribution, sha256: digest, entry }: HandedOut): Reply<'key.export'> {
  const { records } = bench;
  const record = records.get('distribution', distribution);
  if (record === undefined) throw new StrongroomError('not-found', 'the distribution is not there any more');
  return { distribution: viewDistribution(records, { id: distribution, record }), version: viewVersion(records, key, version, entry.time), sha256: toHex(digest), logEntry: entry.seq };
}

type Parameters = Pick<Request<'key.export'>, 'mgfHash' | 'label'> & { readonly ephemeral?: 'place' | 'computer' };

/** All that belongs to a format, as it is approved, recorded and asked of the provider. @throws `request-invalid` for what a format does not have */
export function mechanismOf(format: WrapFormat, kind: 'secret' | 'pair', { mgfHash, label, ephemeral }: Parameters) {
  const hash = oaepHashOf(format);
  if (hash === undefined && (mgfHash !== undefined || label !== undefined))
    throw new StrongroomError('request-invalid', `"format" ${format} has no MGF1 hash and no label`, { field: mgfHash === undefined ? 'label' : 'mgfHash' });
  const twoSteps = isTwoSteps(format);
  if (!twoSteps && ephemeral === 'computer') throw new StrongroomError('request-invalid', `"format" ${format} has no ephemeral key`, { field: 'ephemeralKey' });
  return {
    format,
    ...(hash === undefined ? {} : { hash, mgf: 'mgf1' as const, mgfHash: mgfHash ?? hash, label: utf8(label ?? '') }),
    ...(twoSteps && ephemeral !== undefined ? { ephemeral } : {}),
    encoding: kind === 'pair' ? ('pkcs8' as const) : ('raw' as const),
  };
}

const exportKey: Guarded<'key.export'> = {
  prepare: async ({ records }, request) => {
    const key = records.key(request.key);
    const version = records.version(key, request.version);
    const { id, record } = recipientNamed(records, request.to, 'to');
    if (record.modulusBits === 0) throw new StrongroomError('request-invalid', `"to" expected a recipient with an RSA key: nothing is wrapped to the ${algorithmOf(record)} key of "${record.name}" in this version`, { field: 'to', nextStep: 'ask the recipient for an RSA key or certificate' });
    const { kind } = algorithmFacts[key.record.algorithm];
    const format = request.format ?? (kind === 'pair' ? 'rsa-aes-kwp-sha256' : 'rsa-oaep-sha256');
    const travel = { key: key.record, version: version.record };
    allowTravel(travel, format);
    allowFit(travel, format, record.modulusBits);
    allowToRecipient(travel, record.strength, request.acceptStrength);
    return {
      method: 'key.export',
      subject: subjectOf(key, version),
      recipient: { id, name: record.name, spkiSha256: sha256(record.spki), modulusBits: record.modulusBits },
      mechanism: mechanismOf(format, kind, { ...request, ephemeral: request.ephemeralKey }),
      effectiveStrength: effectiveStrength(travel, record.strength),
      ownStrength: ownStrength(travel),
    };
  },
  execute: async (bench, act, approved, request) => {
    const { records, ports } = bench;
    const { key, version } = rowsOf(records, act.subject);
    const recipient = records.get('recipient', act.recipient.id);
    // SECURITY: the key that is wrapped to is the one whose hash was approved
    if (recipient === undefined || !equalBytes(sha256(recipient.spki), act.recipient.spkiSha256))
      throw new StrongroomError('refused', 'the recipient is no longer the one that was approved', { rule: 'QUORUM-1', nextStep: 'ask again' });
    allowTravel({ key: key.record, version: version.record }, act.mechanism.format);
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
    allowTravel({ key: key.record, version: version.record }, request.format);
    allowUse({ operation: 'wrap', key: kek.record, version: kekVersion.record, usage: records.usage(kekVersion.id), count: 1, now: await bench.trustedNow() });
    allowUnderKey({ key: key.record, version: version.record }, kek.record);
    return {
      method: 'key.wrap',
      subject: subjectOf(key, version),
      under: subjectOf(kek, kekVersion),
      mechanism: mechanismOf(request.format, algorithmFacts[key.record.algorithm].kind, {}),
      effectiveStrength: effectiveStrength({ key: key.record, version: version.record }, algorithmFacts[kek.record.algorithm].strength),
    };
  },
  execute: async (bench, act, approved, request) => {
    const { key, version } = rowsOf(bench.records, act.subject);
    const kek = rowsOf(bench.records, act.under);
    allowTravel({ key: key.record, version: version.record }, act.mechanism.format);
    allowUnderKey({ key: key.record, version: version.record }, kek.key.record);
    const counter = await countedUse(bench, { ...kek, operation: 'wrap' });
    const fingerprint = kek.version.record.secretId ?? kek.version.id;
    const to = { kind: 'key' as const, id: kek.version.id, name: `${act.under.name} version ${act.under.number}`, fingerprint };
    const out = bench.ports.files.redeemWrite(request.out);
    const done = await handOut(bench, { act, approved, key, version, wrapper: { ref: kek.version.record.ref }, to, puts: [counter], out, at: await bench.trustedNow() });
    return viewHandedOut(bench, key, version, done);
  },
};

/** A wrapped key becomes a key in the same place as the key that opens it; its bytes are seen by nobody. */
async function unwrapKey(bench: Workbench, request: Request<'key.unwrap'>): Promise<Reply<'key.unwrap'>> {
  const { records, ports } = bench;
  const now = await bench.trustedNow();
  const opener = records.key(request.with);
  const openerVersion = records.version(opener);
  const record = newKeyRecord(bench, request, opener.record.place, now);
  const format = request.format ?? (opener.record.purpose === 'key-transport' ? 'rsa-oaep-sha256' : 'aes-kwp');
  const mechanism = mechanismOf(format, algorithmFacts[record.algorithm].kind, request);
  const { hash, mgfHash = hash, label } = mechanism;
  const oaep = mgfHash === undefined || label === undefined ? {} : { oaep: { mgfHash, label } };
  const counter = await countedUse(bench, { key: opener, version: openerVersion, operation: 'unwrap' });
  const wrapped = await readSmallFile(ports.files.redeemRead(request.in), wrappedLimit);
  const making = { act: 'key.unwrap', origin: 'unwrapped' as const, active: true, puts: [counter], more: { ...mechanism, with: opener.id, sha256: sha256(wrapped) } };
  const unwrapper = openerVersion.record.ref;
  const { key, version, entry } = await makeKey(bench, record, { ...making, make: (provider, wanted) => provider.unwrap({ ...wanted, wrapped, unwrapper, format, ...oaep }) });
  const made = records.get('version', version);
  if (made === undefined) throw new StrongroomError('not-found', 'the key version is not there any more');
  return { ...viewKeyAndVersion(records, key, { id: version, record: made }, now), notes: made.notes ?? [], logEntry: entry.seq };
}

export const handingOutHandlers = {
  'key.export': exportKey,
  'key.wrap': wrapKey,
  'key.unwrap': unwrapKey,
} satisfies Partial<Handlers>;
