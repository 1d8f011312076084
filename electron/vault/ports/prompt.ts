/**
 * The trusted prompt as the core sees it: the only way in for a secret.
 * A host fulfils it (terminal or files on the command line; a window of its own elsewhere).
 * Every method throws `declined` where the person refuses and `secret-unavailable` where nobody can be asked.
 */
import type { SecretBytes } from '../crypto/secretBytes.ts';

export interface PassphraseQuestion {
  /** `recovery`: the words of a recovery sheet, which may be seen while they are typed. `file`: the password of somebody's key file, which may be empty. */
  readonly why: 'unlock' | 'approve' | 'change' | 'recovery' | 'file';
  /** One sentence for the person: what the passphrase is for. */
  readonly sentence: string;
}

export interface PinQuestion {
  readonly user: 'user' | 'so';
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  /** The token says that one try is left: the prompt warns and asks again. */
  readonly finalTry: boolean;
  /** The token says that a wrong PIN was entered since the last good one. */
  readonly countLow: boolean;
  /** Bytes of UTF-8 that the token takes. */
  readonly minLength: number;
  readonly maxLength: number;
  /** The token says that the PIN must be changed. */
  readonly toBeChanged?: true;
  /** For one signature alone, with a key that asks each time: which, and of how many. */
  readonly forOneUse?: { readonly key: string; readonly number: number; readonly count: number };
  /** The new PIN replaces one that is there. */
  readonly replaces?: true;
}

export interface Confirmation {
  /** What is confirmed: an act, a recipient's fingerprint, the date where clock and log disagree (rule TIME-1), or a copy that departs from what was seen of its vault. */
  readonly why: 'act' | 'fingerprint' | 'clock' | 'copy';
  /** What is about to happen, a pure function of the request. */
  readonly sentence: string;
  /** What cannot be undone, what is left, the strength of what travels…: one line each. */
  readonly details: readonly string[];
  /** What the person must type, letter for letter. */
  readonly expected: string;
  /** What that is, in words: `the name of the key`, `the fingerprint`. */
  readonly expectedIs: string;
  /** The button: verb and object, `Destroy payroll`. */
  readonly verb: string;
  /** It destroys what cannot be had back. */
  readonly destroys?: boolean;
  /** Lower-case hex, to be shown in words too and compared. */
  readonly fingerprint?: string;
}

/** What an approval takes: the confirmation as typed, and the passphrase that opens the approval key. */
export interface TypedApproval {
  readonly typed: string;
  /** The caller owns and wipes it. A host that asks one after the other does not ask for it once what was typed differs from what is expected. */
  readonly passphrase: SecretBytes | undefined;
}

export interface Prompt {
  /** The caller owns and wipes what it gets. UTF-8 as typed; the core normalises (NFC) its own, and no password of a file. */
  passphrase(question: PassphraseQuestion): Promise<SecretBytes>;
  /** Asked twice where a person types it. */
  newPassphrase(question: PassphraseQuestion): Promise<SecretBytes>;
  pin(question: PinQuestion): Promise<SecretBytes>;
  newPin(question: PinQuestion): Promise<SecretBytes>;
  /** A guarded act: its confirmation and the passphrase, in one sitting. */
  approve(confirmation: Confirmation): Promise<TypedApproval>;
  /** Returns what was typed; the core compares it. */
  confirm(confirmation: Confirmation): Promise<string>;
}
