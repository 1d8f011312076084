/** Which versions can go to another token, and by which way: both ends looked at and the rules asked, before anything is made. */
import type { Reply } from '../../../shared/ipc/contract.ts';
import { isStrongroomError, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { shortLabel } from '../../../shared/validation/shownLine.ts';
import { toHex } from '../crypto/bytes.ts';
import { plainKeyUri } from '../providers/pkcs11/pkcs11Uri.ts';
import type { AdoptionPower, FoundKey, KeyProvider } from '../providers/provider.ts';
import type { Place } from '../records/records.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { allowCopy } from '../rules/allowCopy.ts';
import type { End, WantedWay, Way } from '../rules/allowCopy.ts';
import { copyLabel } from '../work/copyKeys.ts';
import { placeNoun } from './keyViews.ts';
import { residentsAt } from './tokenResidents.ts';
import type { Resident } from './tokenResidents.ts';
import type { Workbench } from './workbench.ts';

/** A version of a key, by its rows. */
export interface NamedVersion {
  readonly key: KeyRow;
  readonly version: VersionRow;
}

/** With its way, or with what says why there is none. */
export interface PlannedCopy extends NamedVersion {
  readonly way?: Way;
  readonly error?: unknown;
}

interface Looked {
  readonly provider: KeyProvider;
  readonly end: End;
}

async function lookAt(bench: Workbench, place: Place): Promise<Looked> {
  const provider = await bench.reader(place);
  return { provider, end: { noun: placeNoun(place), place, can: await provider.capabilities() } };
}

/** As many as a person can look through at the prompt. */
const mostVersions = 200;

/** @throws `request-invalid` for too many at once; what the destination throws; what a source throws is the reason of its versions */
export async function planCopies(bench: Workbench, versions: readonly NamedVersion[], to: Place, wanted: WantedWay): Promise<readonly PlannedCopy[]> {
  if (versions.length > mostVersions) throw new StrongroomError('request-invalid', `"keys" expected at most ${mostVersions} versions at once, got ${versions.length}`, { field: 'keys', nextStep: 'copy them in parts, by their names: `key copy`' });
  const destination = await lookAt(bench, to);
  const labels = new Set((await destination.provider.list()).map(({ label }) => label));
  const planned: PlannedCopy[] = [];
  for (const { key, version } of versions) {
    const label = copyLabel(key.record, version.record);
    try {
      const source = await lookAt(bench, key.record.place);
      const found = await source.provider.find(version.record.ref);
      const way = allowCopy({ travel: { key: key.record, version: version.record }, from: source.end, found, to: destination.end, labels, label, wanted });
      planned.push({ key, version, way });
      labels.add(label);
    } catch (error) {
      if (!isStrongroomError(error)) throw error;
      planned.push({ key, version, error });
    }
  }
  return planned;
}

type Left = Reply<'token.clone'>['left'][number];

/** SECURITY: a module may make up thousands, and a request would carry them for ever. */
const mostOthers = 200;

/** What lies on a token and does not live there as a key of this vault: it stays, and why. */
export async function othersOn(bench: Workbench, place: Place): Promise<readonly Left[]> {
  const { adoption } = await bench.reader(place);
  const others = adoption === undefined ? [] : await othersOf(bench, place, adoption);
  const more = others.length - mostOthers;
  return more <= 0 ? others : [...others.slice(0, mostOthers), { what: `${more} more objects`, why: 'they do not live here as keys of this vault: see `token info`' }];
}

async function othersOf(bench: Workbench, place: Place, adoption: AdoptionPower): Promise<readonly Left[]> {
  const residents = new Map(residentsAt(bench.records, place).flatMap((one) => (one.gone ? [] : [[one.ref, one]])));
  const { keys, loneCertificates } = await adoption.survey();
  const certificates = [...keys.flatMap(({ companions }) => companions.filter(({ kind }) => kind === 'certificate')), ...loneCertificates];
  return [
    ...keys.flatMap((key) => whyLeft(key, residents.get(plainKeyUri(key.ref)))),
    ...certificates.map(({ label }) => ({ what: `certificate "${shortLabel(label)}"`, why: 'certificates are not copied: write it there with the tools of the token' })),
  ];
}

/** A key that lives there is planned by itself. Of a stranger nobody here knows what it is for. */
function whyLeft({ label, id }: FoundKey, resident: Resident | undefined): readonly Left[] {
  if (resident === undefined) return [{ what: `key "${shortLabel(label)}" (CKA_ID ${shortLabel(toHex(id)) || 'none'})`, why: 'it is no key of this vault: take it in by `key adopt` first' }];
  return resident.isCopy ? [{ what: resident.name, why: 'its key lives in another place: copy it from there, by `key copy`' }] : [];
}
