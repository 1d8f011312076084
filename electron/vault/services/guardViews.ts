/** What a token stores and what it enforces, in words, and who guards it. */
import type { z } from 'zod';
import type { guardView } from '../../../shared/ipc/views.ts';
import type { GuardFinding } from '../providers/provider.ts';
import type { KeyRecord } from '../records/records.ts';
import type { VaultRecords } from '../records/vaultRecords.ts';
import { profileOfPlace } from './profileShelf.ts';

type GuardView = z.infer<typeof guardView>;

const forbids: Readonly<Record<GuardFinding['guard'], readonly [attribute: string, words: string]>> = {
  extractable: ['CKA_EXTRACTABLE false', 'a key that stays does not leave, not even wrapped'],
  sensitive: ['CKA_SENSITIVE true', "a key's bytes are not shown"],
  usage: ['CKA_ENCRYPT false, CKA_SIGN false…', 'a key serves its one purpose'],
  'wrap-with-trusted': ['CKA_WRAP_WITH_TRUSTED true', 'a key leaves under trusted keys alone'],
  fixed: ['CKA_EXTRACTABLE false, to true', 'what a key may do is not widened later'],
  'always-authenticate': ['CKA_ALWAYS_AUTHENTICATE true', 'the PIN is proved before each use'],
};

/** What this product sees to by itself, whatever the token does. */
const oursToo: readonly GuardFinding['guard'][] = ['extractable', 'usage', 'always-authenticate'];

function guardedBy({ guard, enforced }: GuardFinding): GuardView['guardedBy'] {
  const ours = oursToo.includes(guard);
  if (enforced === true) return ours ? 'token and Strongroom' : 'token';
  if (ours) return 'Strongroom';
  return enforced === false ? 'nobody' : 'not known';
}

export function viewGuards(findings: readonly GuardFinding[]): GuardView[] {
  return findings.map((finding) => {
    const { guard, stored, enforced } = finding;
    const [attribute, words] = forbids[guard];
    return { guard, attribute, words, ...(stored === undefined ? {} : { stored }), ...(enforced === undefined ? {} : { enforced }), guardedBy: guardedBy(finding) };
  });
}

/** Of one key: what its own attributes forbid, where its token was tried. */
export function viewKeyGuards(records: VaultRecords, { place, exportable }: KeyRecord): { readonly guards?: GuardView[] } {
  const findings = profileOfPlace(records, place)?.profile.guards;
  if (findings === undefined) return {};
  return { guards: viewGuards(findings.filter(({ guard }) => guard === 'sensitive' || guard === 'usage' || (guard === 'extractable' && !exportable))) };
}
