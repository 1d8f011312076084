/** How a file stands to what this computer saw of its vault before, and what a person is told of it. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { wordsNeeded, wordsOf } from '../../../shared/words/pgpWords.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Confirmation } from '../ports/prompt.ts';
import type { Anchor, Head } from './anchorFile.ts';

/** The file is not a later state of what was seen. */
export interface Departure {
  readonly kind: 'rolled-back' | 'forked';
  /** Entries that the file has. */
  readonly size: number;
  /** The newest that was seen. */
  readonly seen: Head;
  /** Entries that the file and what was seen have in common, as far as it is known. */
  readonly agreed: number;
  /** Entries that were seen and are not in the file; of a fork, at most so many. */
  readonly missing: number;
}

export type Standing = { readonly kind: 'extends'; readonly seen: Head } | Departure;

/**
 * SECURITY: the log must extend what was seen: at each size that was noted, RFC 6962's root over its leaves is the one that was noted.
 * @param rootsAt of the file's log, at the sizes that the heads name
 */
export function standingOf({ heads, givenUp = [] }: Pick<Anchor, 'heads' | 'givenUp'>, size: number, rootsAt: ReadonlyMap<number, Uint8Array>): Standing {
  const [seen] = heads.slice(-1);
  if (seen === undefined) throw new Error('an anchor has a head');
  const within = heads.filter((head) => head.size <= size);
  const isOurs = ({ size: at, root }: Head) => toHex(rootsAt.get(at) ?? new Uint8Array()) === root;
  const parted = within.some((head) => !isOurs(head)) || givenUp.some((head) => head.size <= size && isOurs(head));
  const agreed = parted ? (within.findLast(isOurs)?.size ?? 1) : size;
  const missing = seen.size - agreed;
  if (parted) return { kind: 'forked', size, seen, agreed, missing };
  return seen.size > size ? { kind: 'rolled-back', size, seen, agreed, missing } : { kind: 'extends', seen };
}

export function isDeparture(standing: Standing | undefined): standing is Departure {
  return standing !== undefined && standing.kind !== 'extends';
}

export function entries(count: number): string {
  return `${count} ${count === 1 ? 'entry' : 'entries'}`;
}

/** To the minute, with its zone. */
export function moment(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The words that people compare. */
export function genesisWords(genesis: string): string {
  return wordsOf(genesis).slice(0, wordsNeeded).join(' ');
}

export function departureSentence({ kind, size, seen, agreed, missing }: Departure): string {
  if (kind === 'rolled-back') return `the file is an older copy of the vault: its log has ${entries(size)}, and this computer saw ${seen.size} on ${moment(seen.at)}; the newest ${entries(missing)} ${missing === 1 ? 'is' : 'are'} missing`;
  return `the file is another copy of the vault than the one that this computer saw on ${moment(seen.at)}: the two logs agree up to ${agreed === 1 ? 'their first entry' : `entry ${agreed - 1}`} at least, then each has entries of its own, and up to ${missing} of those seen here ${missing === 1 ? 'is' : 'are'} not in this file`;
}

const nextSteps = {
  'rolled-back': 'look for the newer file and open that; open this one read-only; or, to use it from now on, confirm so where it is asked (on the command line: --confirm-copy NUMBER, the number of missing entries)',
  forked: 'two copies were changed apart and are never merged: open this one read-only, decide which of them goes on, and confirm so where it is asked (on the command line: --confirm-copy NUMBER, the number of missing entries)',
} as const;

export function departureError(departure: Departure, cause?: unknown): StrongroomError {
  return new StrongroomError(`vault-${departure.kind}`, departureSentence(departure), { nextStep: nextSteps[departure.kind], cause });
}

/** What a person confirms who takes this copy as the vault from now on. */
export function departureQuestion(departure: Departure): Confirmation {
  const { kind, missing } = departure;
  return {
    why: 'copy',
    sentence: `Use ${kind === 'forked' ? 'this copy' : 'this older copy'} of the vault from now on: ${departureSentence(departure)}`,
    details: [
      'keys that were made in the missing entries are not in it, and what they protect stays closed',
      'keys that were destroyed in them are in it again; so are the passphrase and the modules of that time',
      'uses and exports in them are not counted in it: a limit may be passed unnoticed',
      'the other copy is not taken afterwards: the two are never merged',
    ],
    expected: String(missing),
    expectedIs: 'the number of missing entries',
    verb: 'Use this copy',
    destroys: true,
  };
}
