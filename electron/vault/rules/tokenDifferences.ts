/** What is on a token against what should be: a key that is missing, one more, one with other attributes, another key in the place of one that was known. */
import { equalBytes } from '../crypto/bytes.ts';
import type { SeenKey } from '../records/records.ts';

/** A key of the vault on this token, as its records have it. */
export interface ExpectedKey {
  /** In its one form. */
  readonly ref: string;
  /** As `NAME version N`. */
  readonly name: string;
  readonly fingerprint: Uint8Array | undefined;
  readonly kcv: SeenKey['kcv'] | undefined;
}

export const differenceKinds = ['missing', 'extra', 'changed', 'other-key'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export interface TokenDifference {
  readonly kind: DifferenceKind;
  readonly ref: string;
  readonly label: string;
  readonly id: Uint8Array;
  /** Of a key of the vault. */
  readonly name?: string;
  readonly fingerprint?: Uint8Array;
  /** For people. */
  readonly words: string;
}

export interface Comparison {
  readonly found: readonly SeenKey[];
  /** What was there when it was last compared. Without it no foreign key is new. */
  readonly seen: readonly SeenKey[] | undefined;
  readonly expected: readonly ExpectedKey[];
  /** References of keys that this vault destroyed there. */
  readonly destroyed: ReadonlySet<string>;
}

type Marks = Pick<SeenKey, 'fingerprint' | 'kcv'> & { readonly algorithm?: SeenKey['algorithm'] };

/** Where both sides can tell. SECURITY: what one side does not tell proves nothing, and is not taken for a match elsewhere either. */
function isAnother(before: Marks, now: SeenKey): boolean {
  const other = (one: Uint8Array | undefined, two: Uint8Array | undefined) => one !== undefined && two !== undefined && !equalBytes(one, two);
  if (before.algorithm !== undefined && now.algorithm !== undefined && before.algorithm !== now.algorithm) return true;
  return other(before.fingerprint, now.fingerprint) || (before.kcv?.method === now.kcv?.method && other(before.kcv?.value, now.kcv?.value));
}

function attributeChanges(before: readonly string[], now: readonly string[]): readonly string[] {
  return [...now.filter((name) => !before.includes(name)).map((name) => `${name} is on now`), ...before.filter((name) => !now.includes(name)).map((name) => `${name} is off now`)];
}

function difference(kind: DifferenceKind, { ref, label, id, fingerprint }: SeenKey, name: string | undefined, words: string): TokenDifference {
  return { kind, ref, label, id, ...(name === undefined ? {} : { name }), ...(fingerprint === undefined ? {} : { fingerprint }), words };
}

/** A key that is there, against what was known of it. */
function judge(now: SeenKey, before: SeenKey | undefined, own: ExpectedKey | undefined): TokenDifference | undefined {
  const name = own?.name;
  if ((own !== undefined && isAnother(own, now)) || (before !== undefined && isAnother(before, now))) {
    return difference('other-key', now, name, `another key is there under the same ${now.id.length > 0 ? 'CKA_ID' : 'label'}: do not use it before you know who put it there`);
  }
  const changes = before === undefined ? [] : attributeChanges(before.attributes, now.attributes);
  return changes.length === 0 ? undefined : difference('changed', now, name, `its attributes changed: ${changes.join(', ')}`);
}

function byRef<T extends { readonly ref: string }>(rows: readonly T[]): ReadonlyMap<string, T> {
  return new Map(rows.toReversed().map((row) => [row.ref, row])); // of two with one reference the first
}

/** What is gone: keys of the vault first, then foreign ones that were seen and that this vault did not destroy. */
function missing({ found, seen = [], expected, destroyed }: Comparison): readonly TokenDifference[] {
  const there = byRef(found);
  const own = byRef(expected);
  const nowhere: Omit<SeenKey, 'ref'> = { kind: 'secret', label: '', id: new Uint8Array(0), attributes: [] };
  const before = byRef(seen);
  const ours = expected.filter(({ ref }) => !there.has(ref)).map(({ ref, name }) => difference('missing', before.get(ref) ?? { ...nowhere, ref }, name, 'it should be on the token and is not'));
  const theirs = seen.filter(({ ref }) => !there.has(ref) && !own.has(ref) && !destroyed.has(ref)).map((key) => difference('missing', key, undefined, 'it was there before and is not any more'));
  return [...ours, ...theirs];
}

/** Every difference, those that weigh most first. */
export function tokenDifferences(comparison: Comparison): readonly TokenDifference[] {
  const { found, seen, expected } = comparison;
  const [own, before] = [byRef(expected), byRef(seen ?? [])];
  const there = found.flatMap((now) => {
    const [ours, known] = [own.get(now.ref), before.get(now.ref)];
    if (ours !== undefined || known !== undefined || seen === undefined) return judge(now, known, ours) ?? [];
    return difference('extra', now, undefined, 'it was not there before, and this vault did not make it');
  });
  const all = [...there, ...missing(comparison)];
  const weight: readonly DifferenceKind[] = ['other-key', 'missing', 'changed', 'extra'];
  return weight.flatMap((kind) => all.filter((one) => one.kind === kind));
}
