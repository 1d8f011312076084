/** The life of keys: `key.generate`, `list`, `show`, `public`, the changes of state, `rotate` and `destroy`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { KeyState } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { Guarded, Handlers } from '../door/handlers.ts';
import { isAttestation } from '../formats/attestation/evidence.ts';
import { publicKeyFile } from '../formats/publicKeyFile.ts';
import type { Approved } from '../quorum/approved.ts';
import type { ActOf, Subject } from '../quorum/guardedRequest.ts';
import type { Place } from '../records/records.ts';
import type { KeyRow, VaultRecords, VersionRow } from '../records/vaultRecords.ts';
import { allowTransition } from '../rules/allowTransition.ts';
import { changeState } from '../work/changeState.ts';
import { heldCopies } from '../work/copyRecords.ts';
import { destroyCopy } from '../work/destroyCopy.ts';
import { destroyVersion } from '../work/destroyVersion.ts';
import type { DestructionFacts } from '../work/destroyVersion.ts';
import { makeKey, newKeyRecord } from '../work/makeKey.ts';
import { withOutput } from '../work/outputFile.ts';
import { rotateKey } from '../work/rotateKey.ts';
import { isoTime, placeName, viewCopy, viewDistribution, viewKey, viewKeyAndVersion, viewVersion } from './keyViews.ts';
import { viewKeyGuards } from './guardViews.ts';
import { compromisedWith, copiesLeftOf, copyNamed, destroyCopiesOf, tokenCopiesOf } from './copiesOfKey.ts';
import type { Fate } from './copiesOfKey.ts';
import { mayDo } from './mayDo.ts';
import { placeOf } from './tokens.ts';
import type { Workbench } from './workbench.ts';

async function generate(bench: Workbench, request: Request<'key.generate'>): Promise<Reply<'key.generate'>> {
  const now = await bench.trustedNow();
  const { place, puts } = await placeOf(bench, request.place, now);
  const record = newKeyRecord(bench, request, place, now);
  const making = { act: 'key.generate', origin: 'generated' as const, active: request.inactive !== true, puts };
  const { key, version, entry } = await makeKey(bench, record, { ...making, make: (provider, wanted) => provider.generate(wanted) });
  return { ...viewById(bench, key, version, now), logEntry: entry.seq };
}

/** A version that was just written. */
function viewById({ records }: Workbench, key: KeyRow, version: Uint8Array, now: number) {
  return viewKeyAndVersion(records, key, versionById(records, version), now);
}

function versionById(records: VaultRecords, id: Uint8Array): VersionRow {
  const record = records.get('version', id);
  if (record === undefined) throw new StrongroomError('not-found', 'the key version is not there any more', { field: 'version' });
  return { id, record };
}

function list({ records, ports }: Workbench, { state, purpose, place }: Request<'key.list'>): Reply<'key.list'> {
  const now = ports.clock.now();
  const versions = records.versionsByKey();
  const keys: Reply<'key.list'>['keys'] = [];
  for (const row of records.all('key')) {
    const newest = versions.get(toHex(row.id))?.at(-1);
    if (newest === undefined) continue;
    if (state !== undefined && newest.record.state !== state) continue;
    if (purpose !== undefined && row.record.purpose !== purpose) continue;
    if (place !== undefined && row.record.place.kind !== place) continue;
    keys.push(viewKey(records, row, newest, now));
  }
  return { keys: keys.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** The distributions of some versions. */
export function distributionsOf(records: VaultRecords, versions: readonly VersionRow[]) {
  const ids = new Set(versions.map(({ id }) => toHex(id)));
  return [...records.all('distribution')].filter(({ record }) => ids.has(toHex(record.version)));
}

/** What was wrapped under a version of a key-wrapping key. */
function wrappedUnder(records: VaultRecords, version: Uint8Array) {
  return [...records.all('distribution')].filter(({ record }) => record.to.kind === 'key' && equalBytes(record.to.id, version));
}

function show({ records, ports }: Workbench, request: Request<'key.show'>): Reply<'key.show'> {
  const now = ports.clock.now();
  const key = records.key(request.key);
  const versions = records.versions(key.id);
  const newest = records.version(key);
  return {
    key: viewKey(records, key, newest, now),
    versions: versions.map((version) => viewVersion(records, key, version, now)),
    distributions: distributionsOf(records, versions).map((row) => viewDistribution(records, row)),
    copies: versions.flatMap((version) => (version.record.copies ?? []).map((copy) => viewCopy(key, version, copy))),
    mayDo: mayDo(key.record, newest.record, records.usage(newest.id), now),
    ...viewKeyGuards(records, key.record),
  };
}

async function showPublic(bench: Workbench, request: Request<'key.public'>): Promise<Reply<'key.public'>> {
  const { records, ports } = bench;
  const key = records.key(request.key);
  const { record } = records.version(key, request.version);
  const { publicKey, fingerprint } = record;
  if (publicKey === undefined || fingerprint === undefined)
    throw new StrongroomError('request-invalid', `"key" expected a pair, got the secret key "${key.record.name}"`, { field: 'key' });
  const file = publicKeyFile(publicKey, request.format, key.record.name);
  if (request.out !== undefined) {
    await withOutput(ports.files.redeemWrite(request.out), async (output) => {
      await output.write(file);
      await output.sync();
    });
  }
  const text = request.format === 'der' ? {} : { text: new TextDecoder().decode(file) };
  return { fingerprint: toHex(fingerprint), spki: toHex(publicKey), ...text };
}

type StateRequest = { readonly key: string; readonly version?: number | undefined; readonly reason?: string | undefined };

function mover(to: KeyState) {
  return async (bench: Workbench, { key: name, version: number, reason }: StateRequest): Promise<Reply<'key.suspend'>> => {
    const key = bench.records.key(name);
    const version = bench.records.version(key, number);
    const entry = await changeState(bench, { key, version, to, reason });
    return { ...viewById(bench, key, version.id, entry.time), logEntry: entry.seq };
  };
}

/** From pre-activation only: a suspended version is resumed, with a reason. */
async function activate(bench: Workbench, request: StateRequest): Promise<Reply<'key.activate'>> {
  const { state } = bench.records.version(bench.records.key(request.key), request.version).record;
  if (state === 'suspended') throw new StrongroomError('refused', 'a suspended version is resumed, not activated', { rule: 'KEY-STATE-1', nextStep: 'use `key resume`' });
  return await mover('active')(bench, request);
}

/** Back from suspension only. */
async function resume(bench: Workbench, request: StateRequest): Promise<Reply<'key.resume'>> {
  const { state } = bench.records.version(bench.records.key(request.key), request.version).record;
  if (state !== 'suspended') throw new StrongroomError('refused', `a ${state} version is not suspended`, { rule: 'KEY-STATE-1', nextStep: 'see `key show`' });
  return await mover('active')(bench, request);
}

async function compromise(bench: Workbench, request: Request<'key.compromise'>): Promise<Reply<'key.compromise'>> {
  const { records } = bench;
  const key = records.key(request.key);
  const version = records.version(key, request.version);
  const now = await bench.trustedNow();
  const occurredAt = request.occurred === undefined ? now : Date.parse(request.occurred);
  if (occurredAt > now) throw new StrongroomError('request-invalid', `"occurred" expected a day that has begun, got ${request.occurred}`, { field: 'occurred' });
  const entry = await changeState(bench, { key, version, to: 'compromised', reason: request.reason, occurredAt });
  return { ...viewById(bench, key, version.id, now), touched: touchedBy(records, version), nextSteps: stepsAfterCompromise(key, version), logEntry: entry.seq };
}

/** The blast radius that this vault knows of. */
function touchedBy(records: VaultRecords, version: VersionRow): string[] {
  const { protections, processings } = records.usage(version.id);
  return [
    ...twinsOf(records, version).map((twin) => `the same key is ${twin}: declare it compromised too`),
    ...compromisedWith(version),
    ...distributionsOf(records, [version]).map(({ record }) => `a copy went to "${record.to.name}" on ${isoTime(record.at)}`),
    ...wrappedUnder(records, version.id).map((row) => `it wraps "${viewDistribution(records, row).key}" since ${isoTime(row.record.at)}`),
    ...derivedFrom(records, version.id).map((name) => `"${name}" was derived from it`),
    `it protected ${protections} times and processed ${processings} times, as far as this copy of the vault counted`,
  ];
}

/** Names of keys that have a version derived from this one. */
function derivedFrom(records: VaultRecords, version: Uint8Array): string[] {
  const derived = [...records.all('version')].filter(({ record }) => record.derivedFrom !== undefined && equalBytes(record.derivedFrom, version));
  return [...new Set(derived.map(({ record }) => records.keyOf(record).record.name))];
}

function stepsAfterCompromise({ record }: KeyRow, version: VersionRow): string[] {
  return [
    `rotate: \`key rotate ${record.name}\``,
    'tell those who hold a copy, and protect anew what it protected',
    `destroy it once nothing needs it: \`key destroy ${record.name} --version ${version.record.number}\``,
  ];
}

async function rotate(bench: Workbench, request: Request<'key.rotate'>): Promise<Reply<'key.rotate'>> {
  const { records } = bench;
  const key = records.key(request.key);
  const old = records.version(key);
  const { version, entry } = await rotateKey(bench, key, old, request.reason);
  return {
    ...viewById(bench, key, version, entry.time),
    predecessor: viewVersion(records, key, versionById(records, old.id), entry.time),
    holders: distributionsOf(records, [old]).map((row) => viewDistribution(records, row)),
    wrapped: wrappedUnder(records, old.id).map((row) => viewDistribution(records, row)),
    notes: [...copiesLeftOf(key, old), ...(old.record.origin === 'derived' ? ['the old version was derived, and whoever can derive it too has no way to the new one, which is random: where a partner needs it, derive a new key with another "info"'] : [])],
    logEntry: entry.seq,
  };
}

/** What an act fixes of a version. */
export function subjectOf(key: KeyRow, { id, record }: VersionRow): Subject {
  const fingerprint = record.fingerprint ?? record.secretId;
  return { key: key.id, name: key.record.name, version: id, number: record.number, ref: record.ref, place: placeName(key.record.place), ...(fingerprint === undefined ? {} : { fingerprint }) };
}

/** The rows that an approved act is about, by its ids: not by what the request said. */
export function rowsOf(records: VaultRecords, subject: Subject): { readonly key: KeyRow; readonly version: VersionRow } {
  const version = versionById(records, subject.version);
  return { key: records.keyOf(version.record), version };
}

function theLivingVersion(records: VaultRecords, key: KeyRow, number: number | undefined): VersionRow {
  const living = records.versions(key.id).filter(({ record }) => record.state !== 'destroyed');
  if (number !== undefined || living.length < 2) return records.version(key, number ?? living[0]?.record.number);
  const numbers = living.map(({ record }) => `${record.number} (${record.state})`).join(', ');
  throw new StrongroomError('request-invalid', `"version" of the key "${key.record.name}" expected one of ${numbers}`, { field: 'version', nextStep: 'say which version is to be destroyed' });
}

async function prepareDestroy(bench: Workbench, request: Request<'key.destroy'>): Promise<ActOf<'key.destroy'>> {
  const { records } = bench;
  const key = records.key(request.key);
  if (request.copyOn !== undefined) return await prepareDestroyCopy(bench, key, request);
  const version = theLivingVersion(records, key, request.version);
  allowTransition(version.record, 'destroyed', request.reason, await bench.trustedNow());
  const companions = await companionsOf(bench, key, version, request.certificates === true);
  return { method: 'key.destroy', subject: subjectOf(key, version), copies: copiesOf(records, version), tokenCopies: await tokenCopiesOf(bench, version), companions, reason: request.reason };
}

/** Only a copy: its token has to answer. */
async function prepareDestroyCopy(bench: Workbench, key: KeyRow, request: Request<'key.destroy'>): Promise<ActOf<'key.destroy'>> {
  const { version, copy: { id, place, ref } } = copyNamed(bench.records, key, request);
  await (await bench.reader(place)).find(ref);
  return { method: 'key.destroy', subject: subjectOf(key, version), copies: [], tokenCopies: [{ id, version: version.id, place: placeName(place), ref, goes: true }], only: 'copies', companions: [], reason: request.reason };
}

/** What lies beside the key on its token. Public halves go with it; certificates where that is asked. */
async function companionsOf(bench: Workbench, key: KeyRow, version: VersionRow, certificates: boolean): Promise<ActOf<'key.destroy'>['companions']> {
  const { place } = key.record;
  if (place.kind === 'software') return [];
  const provider = await bench.reader(place);
  const { ref, publicKey } = version.record;
  const isThere = (await provider.find(ref)) !== undefined;
  const found = isThere ? await provider.adoption?.companionsOf(ref, publicKey) : undefined;
  const objects = (found ?? []).filter(({ der }) => der === undefined || !isAttestation(der)); // a token makes its attestations when it is asked: there is nothing to destroy
  return objects.map(({ kind, label, id, spki, der }) => ({ kind, label, id, sha256: sha256(der ?? spki), goes: kind === 'public-key' || certificates }));
}

/** The same key under another name, in this vault or on a token: what is left of it, and what falls with it. */
function twinsOf(records: VaultRecords, { id, record }: VersionRow): string[] {
  const others = records.sameKeyAs(record).filter((twin) => !equalBytes(twin.id, id) && twin.record.state !== 'destroyed');
  return others.map((twin) => {
    const key = records.keyOf(twin.record).record;
    return `version ${twin.record.number} of "${key.name}" (${twin.record.state}, ${placeName(key.place)})`;
  });
}

function copiesOf(records: VaultRecords, version: VersionRow): string[] {
  const handedOut = distributionsOf(records, [version]).map(({ record }) => `with "${record.to.name}" as ${record.format}, since ${isoTime(record.at)}`);
  return [...twinsOf(records, version).map((twin) => `the same key as ${twin}`), ...handedOut];
}

const destroy: Guarded<'key.destroy'> = {
  prepare: prepareDestroy,
  execute: async (bench, act, approved) => {
    const { key, version } = rowsOf(bench.records, act.subject);
    const at = await bench.trustedNow();
    if (act.only === 'copies') return await executeDestroyCopy(bench, act, approved, at);
    const { facts, entry } = await destroyVersion(bench, { act, approved, key, version, at });
    const fate = await destroyCopiesOf(bench, key, act, approved.hash, at);
    const certificate = { ...certificateOf(key, version, facts, act, fate), destroyedAt: isoTime(entry.time), logEntry: entry.seq, logRoot: toHex(bench.vault.log.root()) };
    return { ...viewById(bench, key, version.id, at), certificate };
  },
};

async function executeDestroyCopy(bench: Workbench, act: ActOf<'key.destroy'>, approved: Approved, at: number): Promise<Reply<'key.destroy'>> {
  const { key, version } = rowsOf(bench.records, act.subject);
  const copy = heldCopies(version.record).find(({ id }) => act.tokenCopies.some((one) => equalBytes(one.id, id)));
  if (copy === undefined) throw new StrongroomError('not-found', 'the copy is not known any more', { nextStep: 'see `key show`' });
  const { facts, entry } = await destroyCopy(bench, { key, version, copy, approved, at });
  const common = { key: key.record.name, version: version.record.number, ref: copy.ref, ...facts, meaning: `of a copy alone: ${meaningOf(copy.place)}`, copiesDestroyed: [placeName(copy.place)] };
  const known = [...(version.record.state === 'destroyed' ? [] : [`the key itself, ${placeName(key.record.place)}`]), ...copiesOf(bench.records, version), ...backupsOf(copy.place)];
  return { ...viewById(bench, key, version.id, at), certificate: { ...common, knownCopies: known, destroyedAt: isoTime(entry.time), logEntry: entry.seq, logRoot: toHex(bench.vault.log.root()) } };
}

/** A key with a copy that is still somewhere is not called destroyed everywhere. */
function certificateOf(key: KeyRow, version: VersionRow, facts: DestructionFacts, act: ActOf<'key.destroy'>, { destroyed, outstanding }: Fate) {
  const { place } = key.record;
  const elsewhere = outstanding.length === 0 ? '' : `; not destroyed everywhere: ${outstanding.length === 1 ? 'one copy is' : `${outstanding.length} copies are`} outstanding`;
  return {
    key: key.record.name,
    version: version.record.number,
    ref: version.record.ref,
    ...facts,
    meaning: `${meaningOf(place)}${elsewhere}`,
    copiesDestroyed: [...destroyed],
    knownCopies: [...outstanding.map((one) => `outstanding ${one}; \`key destroy ${key.record.name} --copy-on\` destroys it when its token is there`), ...act.copies, ...backupsOf(place)],
  };
}

function meaningOf(place: Place): string {
  if (place.kind === 'pkcs11') return 'the token no longer lists the key, and refuses to use it; what the token keeps inside is its maker\'s word';
  return "shredded: the key that sealed the material is gone from this file's live bytes, and the material with it";
}

function backupsOf(place: Place): string[] {
  return place.kind === 'pkcs11' ? ["backups of the token, if its maker's tools made any"] : ['older copies and backups of this vault file: with their passphrase they still open the key'];
}

export const keyHandlers = {
  'key.generate': generate,
  'key.list': list,
  'key.show': show,
  'key.public': showPublic,
  'key.activate': activate,
  'key.suspend': mover('suspended'),
  'key.resume': resume,
  'key.deactivate': mover('deactivated'),
  'key.compromise': compromise,
  'key.rotate': rotate,
  'key.destroy': destroy,
} satisfies Partial<Handlers>;
