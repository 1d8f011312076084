/** How hard a passphrase is to guess, in a word for the person who types it. A rough measure: it counts what a guesser must at least go through. */

export interface Strength {
  readonly word: string;
  /** Why it is not taken. */
  readonly fault: string | undefined;
}

/** Different characters, and no more than two of a run: `aaaa` and `1234` are worth little. */
function telling(text: string): number {
  const points = [...text].map((character) => character.codePointAt(0) ?? 0);
  const fresh = points.filter((point, index) => {
    const step = point - (points[index - 1] ?? -100);
    return Math.abs(step) > 1 || Math.abs((points[index - 1] ?? 0) - (points[index - 2] ?? -100)) > 1;
  });
  return Math.min(fresh.length, 2 * new Set(points).size);
}

export function strengthOf(text: string, fewest: number): Strength {
  const length = [...text].length;
  if (length < fewest) return { word: `${length} of at least ${fewest} characters`, fault: `a passphrase has at least ${fewest} characters; six random words are good` };
  const worth = telling(text);
  if (worth < 10) return { word: 'easy to guess', fault: 'it repeats itself: six random words are good' };
  if (worth < 16) return { word: 'fair', fault: undefined };
  return { word: worth < 24 ? 'good' : 'strong', fault: undefined };
}
