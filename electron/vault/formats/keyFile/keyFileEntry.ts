/** What a key file of others holds, before anything is decided: entries to choose from, what is asked for, and what was odd. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { ReadPair, ReadSecret } from '../../crypto/keyForms/readKey.ts';
import { malformed } from '../../crypto/malformed.ts';
import type { SecretBytes } from '../../crypto/secretBytes.ts';

export type KeyFileEntry = (ReadPair | ReadSecret) & {
  /** For a choice: a friendly name, a key id, a comment, else `entry 1`. Nothing in it hides or moves other text. */
  readonly name: string;
  /** DER certificates of the file that belong to the pair: its own first, then its issuers. */
  readonly certificates?: readonly Uint8Array[];
};

export interface KeyFile {
  /** What the file is, in words. */
  readonly form: string;
  readonly entries: readonly KeyFileEntry[];
  readonly notes: readonly string[];
}

/** What is said when a password is asked for: the file is encrypted, is consistent, and its cost is within the limits. */
export interface PasswordQuestion {
  readonly form: string;
  /** Cipher and rounds, absent integrity: what a person should know before he types. */
  readonly notes: readonly string[];
}

export interface KeyFileQuestions {
  /** As UTF-8, exactly as typed: nothing is normalised. The reader owns and wipes the answer. */
  password(question: PasswordQuestion): Promise<SecretBytes>;
}

/** @param command turns the file into one that can be read */
export function notReadHere(what: string, command: string): StrongroomError {
  return malformed(`the file is ${what}, which is not read here`, { nextStep: `convert it: ${command}` });
}

export function wrongPassword(form: string, nextStep = 'check the password: capital letters, the keyboard and a line end too many count'): StrongroomError {
  return new StrongroomError('wrong-file-password', `the password does not open the ${form}`, { nextStep });
}

/** Wipes what was read when the rest of the file is refused. */
export function wipeEntries(entries: readonly { readonly material: SecretBytes }[]): void {
  for (const { material } of entries) material.wipe(); // SECURITY: nobody owns it any more
}
