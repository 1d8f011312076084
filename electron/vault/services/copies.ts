/** Keys on other tokens: `key.planCopy`, `key.copy`, `token.clone`, `key.promote`. */
import { isStrongroomError, refusal, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../shared/lifecycle/purposes.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { randomBytes } from '../crypto/random.ts';
import type { Guarded, Handlers } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import type { KeyProvider } from '../providers/provider.ts';
import type { Approved } from '../quorum/approved.ts';
import type { ActOf, Travelling } from '../quorum/guardedRequest.ts';
import type { CopyRecord, Place } from '../records/records.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow, VaultRecords, VersionRow } from '../records/vaultRecords.ts';
import { proofWords } from '../rules/allowCopy.ts';
import type { WantedWay } from '../rules/allowCopy.ts';
import { ownStrength, samePlace } from '../rules/allowExport.ts';
import { copyKeys } from '../work/copyKeys.ts';
import type { CopiesMade, Going } from '../work/copyKeys.ts';
import { copyAt, heldCopies, movedTo } from '../work/copyRecords.ts';
import { destroyCopy } from '../work/destroyCopy.ts';
import { planCopies, othersOn } from './copyPlan.ts';
import type { NamedVersion, PlannedCopy } from './copyPlan.ts';
import { mechanismOf } from './handingOut.ts';
import { rowsOf, subjectOf } from './keys.ts';
import { placeName, placeNoun, viewCopy, viewKey, viewKeyAndVersion } from './keyViews.ts';
import { placeOf, tokenSeen } from './tokens.ts';
import type { Workbench } from './workbench.ts';

function livingVersions(records: VaultRecords, key: KeyRow): readonly NamedVersion[] {
  return records.versions(key.id).filter(({ record }) => record.state !== 'destroyed').map((version) => ({ key, version }));
}

/** @throws `not-found`, `request-invalid` */
function versionsOf({ records }: Workbench, names: readonly string[], number: number | undefined): readonly NamedVersion[] {
  const unique = [...new Set(names)];
  if (number !== undefined && unique.length > 1) throw new StrongroomError('request-invalid', `"version" goes with one key, got ${unique.length}`, { field: 'version' });
  return unique.flatMap((name) => {
    const key = records.key(name);
    if (number !== undefined) return [{ key, version: records.version(key, number) }];
    const living = livingVersions(records, key);
    if (living.length === 0) throw new StrongroomError('not-found', `"${name}" has no version that lives`, { field: 'keys', nextStep: 'see `key show`' });
    return living;
  });
}

/** All of this vault in a place. */
function versionsIn({ records }: Workbench, place: Place): readonly NamedVersion[] {
  const keys = [...records.all('key')].filter(({ record }) => samePlace(record.place, place)).sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  return keys.flatMap((key) => livingVersions(records, key));
}

function wayOf({ transport, ephemeralKey }: Pick<Request<'key.copy'>, 'transport' | 'ephemeralKey'>, acceptStrength: WantedWay['acceptStrength']): WantedWay {
  return { transport, ephemeralKey, acceptStrength };
}

function viewPlanned({ key, version, way, error }: PlannedCopy): Reply<'key.planCopy'>['versions'][number] {
  const common = { key: key.record.name, version: version.record.number, algorithm: key.record.algorithm, ownStrength: ownStrength({ key: key.record, version: version.record }) };
  if (way !== undefined) return { ...common, goes: true, format: way.format, effectiveStrength: way.effectiveStrength, proof: proofWords[way.proof.proof] };
  const { message, nextStep } = toErrorInfo(error);
  return { ...common, goes: false, why: message, ...(nextStep === undefined ? {} : { nextStep }) };
}

async function planCopy(bench: Workbench, request: Request<'key.planCopy'>): Promise<Reply<'key.planCopy'>> {
  const now = await bench.trustedNow();
  if ((request.keys === undefined) === (request.from === undefined)) throw new StrongroomError('request-invalid', '"from" expected a token, or "keys" some keys: one of the two', { field: 'from' });
  const from = request.from === undefined ? undefined : (await placeOf(bench, request.from, now)).place;
  const versions = from === undefined ? versionsOf(bench, request.keys ?? [], request.version) : versionsIn(bench, from);
  const { place: to } = await placeOf(bench, request.to, now);
  const planned = (await planCopies(bench, versions, to, wayOf(request, 'any'))).map(viewPlanned);
  const [going, staying] = [planned.filter(({ goes }) => goes), planned.filter(({ goes }) => !goes)];
  return { versions: [...going, ...staying], left: from === undefined ? [] : [...(await othersOn(bench, from))] };
}

/** As it is approved. */
function travellingOf({ key, version, way }: PlannedCopy, { ephemeralKey }: WantedWay): Travelling[] {
  if (way === undefined) return [];
  const mechanism = { ...mechanismOf(way.format, algorithmFacts[key.record.algorithm].kind, {}), ...(ephemeralKey === 'computer' ? { ephemeral: ephemeralKey } : {}) };
  return [{ subject: subjectOf(key, version), mechanism, proof: way.proof.proof, ownStrength: way.ownStrength, effectiveStrength: way.effectiveStrength }];
}

/** @throws `refused` KEY-COPY-2 */
function allowMove({ records }: Workbench, versions: readonly NamedVersion[]): void {
  for (const { key } of versions) {
    const stays = livingVersions(records, key).find(({ version }) => !versions.some((one) => equalBytes(one.version.id, version.id)));
    if (stays !== undefined) throw refusal('KEY-COPY-2', `"${key.record.name}" version ${stays.version.record.number} would stay behind: a key moves with all its versions that live`, 'leave out --version, or copy it');
  }
}

const copy: Guarded<'key.copy'> = {
  prepare: async (bench, request) => {
    const now = await bench.trustedNow();
    const move = request.move === true;
    const versions = versionsOf(bench, request.keys, request.version);
    if (move) allowMove(bench, versions);
    const { place: to } = await placeOf(bench, request.to, now);
    const wanted = wayOf(request, request.acceptStrength);
    const planned = await planCopies(bench, versions, to, wanted);
    const stays = planned.find(({ way }) => way === undefined);
    if (stays !== undefined) throw stays.error;
    return { method: 'key.copy', move, to, transport: request.transport, keys: planned.flatMap((one) => travellingOf(one, wanted)) };
  },
  execute: async (bench, act, approved, _request, run) => {
    const { records } = bench;
    const done = await carryOut(bench, act, approved, run);
    const notes = act.move ? await destroyBehind(bench, done, approved.hash) : [];
    const keys = [...new Map(done.made.map(({ going: { key } }) => [toHex(key.id), key])).values()];
    return { copies: viewsOf(records, done), moved: act.move ? keys.map((key) => viewNow(records, key, done.entry.time)) : [], notes: [...notes], logEntry: done.entry.seq };
  },
};

function viewNow(records: VaultRecords, { id, record }: KeyRow, now: number) {
  const row = { id, record: records.get('key', id) ?? record };
  return viewKey(records, row, records.version(row), now);
}

function versionNow(records: VaultRecords, { id, record }: VersionRow): VersionRow {
  return { id, record: records.get('version', id) ?? record };
}

/** What the act made, or left behind, as it is recorded now. */
function viewsOf(records: VaultRecords, { made }: CopiesMade) {
  return made.flatMap(({ going: { key, version }, copy: { entry } }) => {
    const now = versionNow(records, version);
    return (now.record.copies ?? []).filter((one) => one.entry === entry).map((one) => viewCopy(key, now, one));
  });
}

const clone: Guarded<'token.clone'> = {
  prepare: async (bench, request) => {
    const now = await bench.trustedNow();
    const { place: from } = await placeOf(bench, request.token, now);
    const { place: to } = await placeOf(bench, request.to, now);
    const wanted = wayOf(request, request.acceptStrength);
    const planned = await planCopies(bench, versionsIn(bench, from), to, wanted);
    const unaccepted = planned.find(({ error }) => isStrongroomError(error) && error.rule === 'KEY-EXPORT-4');
    if (unaccepted !== undefined) throw unaccepted.error;
    const keys = planned.flatMap((one) => travellingOf(one, wanted));
    if (keys.length === 0) throw new StrongroomError('token-cannot', `no key of this vault on ${placeNoun(from)} can go to ${placeNoun(to)}`, { field: 'token', nextStep: 'see why, key by key: `key plan-copy`' });
    return { method: 'token.clone', from, to, transport: request.transport, keys, left: [...planned.flatMap(leftOf), ...(await othersOn(bench, from))] };
  },
  execute: async (bench, act, approved, _request, run) => {
    const done = await carryOut(bench, act, approved, run);
    const failed = done.failed.flatMap(({ going: { key, version }, error }) => leftOf({ key, version, error }));
    return { copies: done.made.map(({ going: { key, version }, copy: one }) => viewCopy(key, version, one)), left: [...failed, ...act.left], logEntry: done.entry.seq };
  },
};

function leftOf({ key, version, error }: PlannedCopy): Reply<'token.clone'>['left'] {
  return error === undefined ? [] : [{ what: `"${key.record.name}" version ${version.record.number}`, why: toErrorInfo(error).message }];
}

/** What was approved is looked at again: by the same format, with the same strength. @throws `refused` QUORUM-1 */
async function carryOut(bench: Workbench, act: ActOf<'key.copy'> | ActOf<'token.clone'>, approved: Approved, run: Run): Promise<CopiesMade> {
  const at = await bench.trustedNow();
  const changed = (what: string) => new StrongroomError('refused', `${what} is no longer as it was approved`, { rule: 'QUORUM-1', nextStep: 'ask again' });
  const ephemeralKey = act.keys.some(({ mechanism }) => mechanism.ephemeral === 'computer') ? 'computer' : 'place';
  const versions = act.keys.map(({ subject }) => rowsOf(bench.records, subject));
  const planned = await planCopies(bench, versions, act.to, { transport: act.transport, ephemeralKey, acceptStrength: 'any' });
  const going = planned.map(({ key, version, way, error }, index): Going => {
    const travelling = act.keys[index];
    if (way === undefined) throw error;
    // SECURITY: a key travels as it was approved, or not at all
    if (travelling === undefined || way.format !== travelling.mechanism.format || way.effectiveStrength !== travelling.effectiveStrength) throw changed(`"${key.record.name}"`);
    return { key, version, travelling, way };
  });
  const seen = act.to.kind === 'pkcs11' ? [await tokenSeen(bench, act.to, at)] : [];
  return await copyKeys(bench, { act, approved, going, puts: seen, at, run });
}

/** A move destroys the key where it was, once the destination is its place. What cannot be destroyed now stays in the records, and is named. */
async function destroyBehind(bench: Workbench, { made, entry }: CopiesMade, request: Uint8Array): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const { going: { key, version } } of made) {
    const now = versionNow(bench.records, version);
    const behind = copyAt(now.record, key.record.place);
    if (behind === undefined) continue;
    try {
      await destroyCopy(bench, { key, version: now, copy: behind, approved: { hash: request }, at: entry.time });
    } catch (error) {
      if (!isStrongroomError(error)) throw error;
      notes.push(`"${key.record.name}" version ${version.record.number} is still ${placeName(behind.place)}: ${error.message}; destroy it there by \`key destroy ${key.record.name} --copy-on\``);
    }
  }
  return notes;
}

async function promote(bench: Workbench, request: Request<'key.promote'>): Promise<Reply<'key.promote'>> {
  const { records, vault } = bench;
  const now = await bench.trustedNow();
  const key = records.key(request.key);
  const { place: to, puts } = await placeOf(bench, request.to, now);
  if (samePlace(to, key.record.place)) throw new StrongroomError('request-invalid', `"to" expected another place: "${key.record.name}" lives on ${placeNoun(to)}`, { field: 'to' });
  const provider = await bench.reader(to);
  const versions = livingVersions(records, key).map(({ version }) => ({ version, copy: copyOn(key, version, to) }));
  for (const { version, copy: one } of versions) await assertStillThere(provider, version, one);
  const entry = vault.log.size;
  const rows = versions.map(({ version, copy: one }) => put('version', version.id, movedTo(version.record, key.record.place, one, { id: randomBytes(16), at: now, entry })));
  const body = { act: 'key.promote', key: key.id, from: key.record.place, to, versions: versions.map(({ version, copy: one }) => ({ version: version.id, copy: one.id })) };
  const { seq } = vault.commit({ kind: 'key', body, puts: [...puts, put('key', key.id, { ...key.record, place: to }), ...rows] });
  const promoted = { id: key.id, record: { ...key.record, place: to } };
  const newest = records.version(promoted);
  return { ...viewKeyAndVersion(records, promoted, newest, now), copies: versions.flatMap(({ version }) => heldViews(promoted, versionNow(records, version))), logEntry: seq };
}

function heldViews(key: KeyRow, version: VersionRow) {
  return heldCopies(version.record).map((one) => viewCopy(key, version, one));
}

/** @throws `refused` KEY-COPY-2 where a version that lives has no copy there */
function copyOn(key: KeyRow, { record }: VersionRow, to: Place): CopyRecord {
  const found = copyAt(record, to);
  if (found === undefined) throw refusal('KEY-COPY-2', `${placeNoun(to)} holds no copy of "${key.record.name}" version ${record.number}: a key moves with all its versions that live`, 'destroy that version if it is lost, or copy it first');
  return found;
}

/** SECURITY: a pair that signs does so once, and the recorded public key decides: another program may have put another key there. @throws `token-key-missing` */
async function assertStillThere(provider: KeyProvider, { record }: VersionRow, { ref, place }: CopyRecord): Promise<void> {
  const found = record.publicKey === undefined ? await provider.find(ref) : await provider.adoption?.prove(ref);
  const same = record.publicKey === undefined || (found?.publicKey !== undefined && equalBytes(found.publicKey, record.publicKey));
  if (found === undefined || !same) throw new StrongroomError('token-key-missing', `the copy of version ${record.number} is not ${placeName(place)} any more`, { nextStep: 'see `token info`' });
}

export const copyHandlers = {
  'key.planCopy': planCopy,
  'key.copy': copy,
  'token.clone': clone,
  'key.promote': promote,
} satisfies Partial<Handlers>;
