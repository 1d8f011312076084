/** What a key file of others holds, before anything is decided: entries to choose from, what is asked for, and what was odd. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { ErrorDetails } from '../../../../shared/errors/strongroomError.ts';
import type { SecretBytes } from '../../crypto/secretBytes.ts';

/** Algorithms of pairs that the vault keeps. */
export const pairAlgorithms = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'ec-p256', 'ec-p384', 'ec-p521', 'ed25519', 'x25519', 'ml-kem-768', 'ml-dsa-65'] as const;
export type PairAlgorithm = (typeof pairAlgorithms)[number];

/** A pair that was recomputed, compared and used once. */
export interface ReadPair {
  readonly kind: 'pair';
  /** Undefined for sizes that the vault does not keep, say RSA of 1024 bits. */
  readonly algorithm: PairAlgorithm | undefined;
  /** What it is, for people: `RSA of 2560 bits`. */
  readonly description: string;
  /** In the vault's own form: PKCS#8 DER, or the seed of ML-DSA and ML-KEM. The caller owns and wipes it. */
  readonly material: SecretBytes;
  /** DER SubjectPublicKeyInfo, always computed. */
  readonly publicKey: Uint8Array;
  readonly notes: readonly string[];
}

/** Secret bytes: the caller says for which algorithm. */
export interface ReadSecret {
  readonly kind: 'secret';
  readonly bits: number;
  readonly material: SecretBytes;
  readonly notes: readonly string[];
}

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

const askAgain = 'ask for the file again';

export function malformed(message: string, details: ErrorDetails = {}): StrongroomError {
  return new StrongroomError('input-malformed', message, { nextStep: askAgain, ...details });
}

/** @param command turns the file into one that can be read */
export function notReadHere(what: string, command: string): StrongroomError {
  return malformed(`the file is ${what}, which is not read here`, { nextStep: `convert it: ${command}` });
}

export function wrongPassword(form: string, nextStep = 'type the password again; capital letters and the keyboard count'): StrongroomError {
  return new StrongroomError('wrong-passphrase', `the password does not open the ${form}`, { nextStep });
}

/** Texts from outside are shown without what could move or hide other text. */
export function shownText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '\ufffd').slice(0, 100);
}

/** Wipes what was read when the rest of the file is refused. */
export function wipeEntries(entries: readonly { readonly material: SecretBytes }[]): void {
  for (const { material } of entries) material.wipe(); // SECURITY: nobody owns it any more
}
