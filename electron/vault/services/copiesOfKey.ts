/** The copies of a version where something happens to it: what goes with it when it is destroyed, what stays outstanding, what falls with it. */
import { isStrongroomError, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Request } from '../../../shared/ipc/contract.ts';
import { equalBytes } from '../crypto/bytes.ts';
import type { ActOf } from '../quorum/guardedRequest.ts';
import type { CopyRecord } from '../records/records.ts';
import type { KeyRow, VaultRecords, VersionRow } from '../records/vaultRecords.ts';
import { heldCopies } from '../work/copyRecords.ts';
import { destroyCopy } from '../work/destroyCopy.ts';
import { isoTime, placeName } from './keyViews.ts';
import type { Workbench } from './workbench.ts';

type TokenCopy = ActOf<'key.destroy'>['tokenCopies'][number];

/** Each copy's token is asked: what it does not answer for is outstanding, and said before. */
export async function tokenCopiesOf(bench: Workbench, version: VersionRow): Promise<TokenCopy[]> {
  const copies: TokenCopy[] = [];
  for (const copy of heldCopies(version.record)) copies.push(await askFor(bench, version, copy));
  return copies;
}

async function askFor(bench: Workbench, version: VersionRow, { id, place, ref }: CopyRecord): Promise<TokenCopy> {
  const common = { id, version: version.id, place: placeName(place), ref };
  try {
    await (await bench.reader(place)).find(ref);
    return { ...common, goes: true };
  } catch (error) {
    if (!isStrongroomError(error)) throw error;
    return { ...common, goes: false, why: error.message };
  }
}

/** The one copy that is meant by a token's name, and its version. @throws `not-found`, `request-invalid` where more than one version has one there */
export function copyNamed(records: VaultRecords, key: KeyRow, { copyOn, version: number }: Request<'key.destroy'>): { readonly version: VersionRow; readonly copy: CopyRecord } {
  const on = ({ place }: CopyRecord) => place.kind === 'pkcs11' && (place.label === copyOn || place.serial === copyOn);
  const versions = records.versions(key.id).filter(({ record }) => number === undefined || record.number === number);
  const found = versions.flatMap((version) => heldCopies(version.record).filter(on).map((copy) => ({ version, copy })));
  const [first] = found;
  if (first === undefined) throw new StrongroomError('not-found', `no copy of "${key.record.name}" is known on a token "${copyOn}"`, { field: 'copyOn', nextStep: 'see `key show`' });
  if (found.length > 1) throw new StrongroomError('request-invalid', `"version" of the key "${key.record.name}" expected one of ${found.map(({ version }) => version.record.number).join(', ')}`, { field: 'version', nextStep: 'say of which version the copy is to be destroyed' });
  return first;
}

export interface Fate {
  readonly destroyed: readonly string[];
  readonly outstanding: readonly string[];
}

/** Destroys the copies that were approved to go with a version. One that fails holds up none of the others, and is outstanding. */
export async function destroyCopiesOf(bench: Workbench, key: KeyRow, act: ActOf<'key.destroy'>, hash: Uint8Array, at: number): Promise<Fate> {
  const destroyed: string[] = [];
  const outstanding: string[] = [];
  for (const { id, version, place, goes, why } of act.tokenCopies) {
    const failure = goes ? await tryToDestroy(bench, { key, version, id, hash, at }) : (why ?? 'it does not answer');
    if (failure === undefined) destroyed.push(place);
    else outstanding.push(`${place}: ${failure}`);
  }
  return { destroyed, outstanding };
}

interface Wanted {
  readonly key: KeyRow;
  readonly version: Uint8Array;
  readonly id: Uint8Array;
  readonly hash: Uint8Array;
  readonly at: number;
}

/** @returns why it is still there */
async function tryToDestroy(bench: Workbench, { key, version, id, hash, at }: Wanted): Promise<string | undefined> {
  const record = bench.records.get('version', version);
  const copy = heldCopies(record).find((one) => equalBytes(one.id, id));
  if (record === undefined || copy === undefined) return undefined; // gone meanwhile
  try {
    await destroyCopy(bench, { key, version: { id: version, record }, copy, approved: { hash }, at });
    return undefined;
  } catch (error) {
    if (!isStrongroomError(error)) throw error;
    return error.message;
  }
}

/** For a compromise: the same key, wherever it is. */
export function compromisedWith({ record }: VersionRow): string[] {
  return heldCopies(record).map(({ place, at }) => `a copy is ${placeName(place)} since ${isoTime(at)}: it is compromised with it`);
}

/** After a rotation: what the copies are of. */
export function copiesLeftOf(key: KeyRow, { record }: VersionRow): string[] {
  return heldCopies(record).map(({ place }) => `the copy ${placeName(place)} is of version ${record.number}: copy the new one there by \`key copy ${key.record.name}\``);
}
