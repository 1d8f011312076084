/** Words for people to remember: of the PGP word list, by the system's random. Eight bits each: a mark to recognise, not a secret to rely on. */
import { wordsOf } from '../../../shared/words/pgpWords.ts';
import { toHex } from './bytes.ts';
import { randomBytes } from './random.ts';

export function randomWords(count: number): readonly string[] {
  return wordsOf(toHex(randomBytes(count)));
}
