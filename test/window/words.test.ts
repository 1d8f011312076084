/** Words for bytes, to be compared by ear, and a word for how hard a passphrase is to guess. */
import { describe, expect, test } from 'vitest';
import { strengthOf } from '../../shared/validation/passphraseStrength.ts';
import { agreement, isFingerprint, wordsNeeded, wordsOf } from '../../shared/words/pgpWords.ts';

const hexOf = (bytes: readonly number[]) => Buffer.from(bytes).toString('hex');
const all = Array.from({ length: 256 }, (_, byte) => byte);

describe('the PGP word list', () => {
  const even = all.map((byte) => wordsOf(hexOf([byte]))[0] ?? '');
  const odd = all.map((byte) => wordsOf(hexOf([0, byte]))[1] ?? '');

  test('has 256 words for each place, all different, also across the two and without regard to case', () => {
    for (const words of [even, odd, [...even, ...odd]]) expect(new Set(words.map((word) => word.toLowerCase())).size).toBe(words.length);
    expect([...even, ...odd].every((word) => /^[A-Za-z]+$/.test(word))).toBe(true);
  });

  test('is in the order of the alphabet, but for one pair of the published list, which fixes each word to its byte', () => {
    const out = [even, odd].map((words) => words.filter((word, index) => word.toLowerCase() < (words[index - 1] ?? '').toLowerCase()));
    expect(out).toEqual([[], ['Apollo']]);
    expect([even[0], even[255], odd[0], odd[255]]).toEqual(['aardvark', 'Zulu', 'adroitness', 'Yucatan']);
  });

  test('gives the words of the published example', () => {
    const words = 'topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless';
    expect(wordsOf('E58294F2E9A227486E8B061B31CC528FD7FA3F19'.toLowerCase()).join(' ')).toBe(words);
  });
});

describe('a fingerprint that is read aloud', () => {
  const hex = 'e58294f2e9a227486e8b061b31cc528fd7fa3f19';
  const words = wordsOf(hex);
  const said = (count: number) => words.slice(0, count).join(' ');

  test('agrees as far as it was read, whatever stands between the words and however they are written', () => {
    expect(agreement('', hex)).toEqual({ agree: 0, differ: false });
    expect(agreement('TOPMOST, istanbul;  pluto\n', hex)).toEqual({ agree: 3, differ: false });
    expect(agreement(said(words.length), hex)).toEqual({ agree: words.length, differ: false });
  });

  test('differs at a wrong word, at two that were swapped, at one left out and at one too many', () => {
    expect(agreement('topmost istanbul zulu', hex)).toEqual({ agree: 2, differ: true });
    expect(agreement('istanbul topmost', hex)).toEqual({ agree: 0, differ: true });
    expect(agreement('topmost pluto', hex)).toEqual({ agree: 1, differ: true });
    expect(agreement(`${said(words.length)} topmost`, hex)).toEqual({ agree: words.length, differ: true });
  });

  test('is the fingerprint by all of its digits, or by twelve words and more', () => {
    expect(wordsNeeded).toBe(12);
    for (const typed of [hex, hex.toUpperCase(), hex.replace(/(..)(?=.)/g, '$1:'), hex.replace(/(.{4})/g, '$1 '), said(12), said(20)]) expect(isFingerprint(typed, hex), typed).toBe(true);
    for (const typed of ['', hex.slice(0, -1), `${hex}0`, hex.replace('e5', 'e6'), said(11), `${said(11)} zulu`, `${said(12)} zulu`]) expect(isFingerprint(typed, hex), typed).toBe(false);
  });
});

describe('a passphrase', () => {
  test('that is too short is not taken, and says how long it is', () => {
    expect(strengthOf('', 12)).toMatchObject({ word: '0 of at least 12 characters' });
    expect(strengthOf('short', 12).fault).toContain('at least 12');
    expect(strengthOf('🗝️🗝️🗝️🗝️🗝️', 12).word, 'characters are counted, not code units').toBe('10 of at least 12 characters');
  });

  test.each(['aaaaaaaaaaaaaaaa', '1234567890123', 'abcdefghijklmnop', 'abababababababab', 'qqqqqqqqqqqqwwww', '111122223333444'])('that repeats itself is not taken: %s', (text) => {
    expect(strengthOf(text, 12)).toMatchObject({ word: 'easy to guess', fault: expect.stringContaining('repeats') });
  });

  test('that is long and varied is taken, the longer the better', () => {
    const rank = ['fair', 'good', 'strong'];
    const words = ['Tr0ub4dor&3xy', 'correct horse bat', 'correct horse battery', 'correct horse battery staple', 'topmost istanbul pluto vagabond treadmill'].map((text) => strengthOf(text, 12));
    expect(words.every(({ fault }) => fault === undefined)).toBe(true);
    expect(words.map(({ word }) => rank.indexOf(word))).toEqual(words.map(({ word }) => rank.indexOf(word)).toSorted());
    expect([words[0]?.word, words.at(-1)?.word]).toEqual(['fair', 'strong']);
  });
});
