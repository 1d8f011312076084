/** What the trusted prompt shows before keys go to another token: a pure function of the act. */
import type { Confirmation } from '../ports/prompt.ts';
import type { Place } from '../records/records.ts';
import type { ActOf, Travelling } from './guardedRequest.ts';

type Sentence = Omit<Confirmation, 'why'>;
type Act = ActOf<'key.copy'> | ActOf<'token.clone'>;

function noun(place: Place): string {
  return place.kind === 'software' ? 'this vault' : `the token "${place.label}" (${place.serial})`;
}

function named({ subject: { name, number } }: Travelling): string {
  return `"${name}" version ${number}`;
}

function travels({ mechanism: { format }, effectiveStrength, ownStrength }: Travelling): string {
  return `by ${format} at ${effectiveStrength} bits of strength${effectiveStrength < ownStrength ? `, not its own ${ownStrength}` : ''}`;
}

/** Names in one line. */
const inLine = 20;

/** Versions that travel alike, together. */
function journeys(keys: readonly Travelling[]): string[] {
  const alike = new Map<string, string[]>();
  for (const one of keys) {
    const way = `${one.subject.place}, ${travels(one)}, proved by ${one.proof}`;
    alike.set(way, [...(alike.get(way) ?? []), named(one)]);
  }
  const lines = (names: readonly string[]) => Array.from({ length: Math.ceil(names.length / inLine) }, (_, line) => names.slice(line * inLine, (line + 1) * inLine).join(', '));
  return [...alike].flatMap(([way, names]) => lines(names).map((line) => `${line}: ${way}`));
}

function wayDetails({ keys, transport }: Act): string[] {
  const computer = keys.some(({ mechanism }) => mechanism.ephemeral === 'computer');
  return [
    computer ? `the clear key passes through this computer, under an ${transport} pair made here: who reads its memory reads the key` : `wrapped to an ${transport} pair that the token makes for this act alone, and destroys after it`,
    'it counts only with the proof that both hold the same key; without it what was made is destroyed again',
  ];
}

export function copySentence(act: ActOf<'key.copy'>): Sentence {
  const { keys, to, move } = act;
  const [first] = keys;
  const verb = move ? 'Move' : 'Copy';
  const names = [...new Set(keys.map(({ subject }) => subject.name))];
  const one = names.length === 1 ? names[0] : undefined;
  const what = keys.length === 1 && first !== undefined ? `version ${first.subject.number} of the key "${first.subject.name}" (${first.subject.place})` : one === undefined ? `${names.length} keys` : `${keys.length} versions of the key "${one}"`;
  const how = keys.length === 1 && first !== undefined ? `, ${travels(first)}` : '';
  const label = to.kind === 'pkcs11' ? to.label : 'this vault';
  return {
    sentence: `${verb} ${what} to ${noun(to)}${how}`,
    details: [
      ...journeys(keys),
      ...wayDetails(act),
      ...(move ? ['after the proof it is destroyed where it was, for good; certificates there stay'] : ['it is then in two places: whoever can use either token can use it']),
    ],
    expected: one ?? label,
    expectedIs: one === undefined ? 'the label of the token' : 'the name of the key',
    verb: `${verb} ${one ?? `to ${label}`}`,
    ...(move ? { destroys: true } : {}),
  };
}

export function cloneSentence(act: ActOf<'token.clone'>): Sentence {
  const { from, to, keys, left } = act;
  const label = to.kind === 'pkcs11' ? to.label : 'this vault';
  return {
    sentence: `Copy ${keys.length === 1 ? 'the one key version' : `${keys.length} key versions`} of this vault that can leave ${noun(from)} to ${noun(to)}`,
    details: [
      ...journeys(keys),
      ...wayDetails(act),
      'each is then in two places: whoever can use either token can use it',
      ...(left.length === 0 ? ['nothing on it is left out'] : [`${left.length} on it ${left.length === 1 ? 'is' : 'are'} left out: ${left.map(({ what }) => what).slice(0, 20).join(', ')}${left.length > 20 ? '…' : ''}`]),
    ],
    expected: label,
    expectedIs: 'the label of the token that gets the copies',
    verb: `Clone to ${label}`,
  };
}
