/** A vault that is opened by double click or named on the command line of the application. */
import { extname, isAbsolute, resolve } from 'node:path';

const ending = '.strongroom';

/** The first vault among the words of a command line. @param folder where they were typed */
export function vaultAmong(words: readonly string[], folder: string): string | undefined {
  const word = words.slice(1).find((candidate) => !candidate.startsWith('-') && extname(candidate) === ending);
  return word === undefined ? undefined : isAbsolute(word) ? word : resolve(folder, word);
}
