/**
 * The secret of a recovery sheet: 20 random bytes and 2 of their hash, as 22 words of the PGP word list. 160 bits cannot be guessed, and a word
 * that was misread, left out or swapped is found before anything is tried.
 */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { bytesOfWords, recoveryWordCount, saidWords, wordsOf } from '../../../shared/words/pgpWords.ts';
import { concatBytes, equalBytes, toHex, utf8 } from './bytes.ts';
import { sha256 } from './hashes.ts';
import { randomBytes } from './random.ts';
import { SecretBytes } from './secretBytes.ts';

const checkLength = 2;
const secretLength = recoveryWordCount - checkLength;

function checkOf(secret: Uint8Array): Uint8Array {
  return sha256(utf8('strongroom/v1/recovery-words\0'), secret).slice(0, checkLength);
}

/** New words. They are text, since they are to be printed: whoever gets them lets go of them soon. */
export function newRecoveryWords(): readonly string[] {
  const secret = randomBytes(secretLength);
  const all = concatBytes(secret, checkOf(secret));
  try {
    return wordsOf(toHex(all));
  } finally {
    secret.fill(0); // SECURITY: the bytes are not kept beside the words
    all.fill(0); // SECURITY: nor their copy
  }
}

function wrong(what: string): StrongroomError {
  return new StrongroomError('wrong-passphrase', `the words of the recovery sheet ${what}`, { nextStep: 'compare what was typed with the sheet, word for word', retryable: true });
}

/**
 * The words as they are hashed: lower case, one space between two. What was typed is wiped; the caller owns the result.
 * @throws `wrong-passphrase` that names the place of a word that is none, never the word
 */
export function readRecoveryWords(typed: SecretBytes): SecretBytes {
  try {
    const words = saidWords(new TextDecoder().decode(typed.expose()));
    if (words.length !== recoveryWordCount) throw wrong(`expected ${recoveryWordCount} words, got ${words.length}`);
    const bytes = bytesOfWords(words);
    const unknown = bytes.indexOf(undefined);
    if (unknown !== -1) throw wrong(`expected a word of the sheet's list at place ${unknown + 1}, got another`);
    const all = Uint8Array.from(bytes as readonly number[]);
    const fits = equalBytes(checkOf(all.subarray(0, secretLength)), all.subarray(secretLength));
    all.fill(0); // SECURITY: read only to be checked
    if (!fits) throw wrong('do not fit their checksum: one of them is another than on the sheet');
    return SecretBytes.own(utf8(words.join(' ')));
  } finally {
    typed.wipe(); // SECURITY: what was typed lives on in its canonical form alone
  }
}
