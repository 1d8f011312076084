/** The trusted prompt of the command line: secrets from files that were named for it, else from the terminal; never from arguments or the environment. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { shownLine } from '../../shared/validation/shownLine.ts';
import { pinDetails, pinSentence, SecretBytes } from '../vault/index.ts';
import type { Confirmation, PassphraseQuestion, PinQuestion, Prompt, TypedApproval } from '../vault/index.ts';
import { askTerminal, openTerminal } from './terminal.ts';
import type { Terminal } from './terminal.ts';

/** Where each answer comes from, where a script gives it. */
export interface Answers {
  readonly passphraseFile?: string;
  readonly newPassphraseFile?: string;
  readonly recoveryWordsFile?: string;
  readonly filePasswordFile?: string;
  readonly pinFile?: string;
  /** Of a PKCS#11 URI alone: there is no flag for it. */
  readonly pinValue?: string;
  readonly newPinFile?: string;
  readonly soPinFile?: string;
  readonly confirm?: string;
  readonly confirmFingerprint?: string;
  readonly confirmTime?: string;
  readonly confirmCopy?: string;
}

const secretLimit = 4096;

/** SECURITY: a line of its own each: a token and the file of a locked vault have a say in them, and none in the terminal. */
function listed(details: readonly string[]): string {
  return details.map((detail) => `  - ${shownLine(detail)}\n`).join('');
}

/** Bytes of one line end behind a text: LF or CRLF. A blank or a lone CR belongs to the secret. */
function lineEnd(text: Uint8Array): number {
  if (text.at(-1) !== 0x0a) return 0;
  return text.at(-2) === 0x0d ? 2 : 1;
}

/** A secret in a file: all of it but one line end. @throws `secret-unavailable` */
function fromFile(path: string, flag: string, mayBeEmpty = false): SecretBytes {
  const unavailable = (why: string, cause?: unknown) => new StrongroomError('secret-unavailable', `"${flag}" ${why}: ${path}`, { nextStep: 'check the file', cause });
  const buffer = new Uint8Array(secretLimit + 1);
  try {
    const descriptor = openSync(path, 'r');
    try {
      if (!fstatSync(descriptor).isFile()) throw unavailable('expected a file');
      let length = readSync(descriptor, buffer, 0, buffer.length, 0);
      if (length > secretLimit) throw unavailable(`expected at most ${secretLimit} bytes`);
      length -= lineEnd(buffer.subarray(0, length));
      if (length === 0 && !mayBeEmpty) throw unavailable('is empty');
      return SecretBytes.take(buffer.subarray(0, length));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw error instanceof StrongroomError ? error : unavailable('cannot be read', error);
  } finally {
    buffer.fill(0); // SECURITY: our copy of the file is wiped
  }
}

export class TerminalPrompt implements Prompt {
  #answers: Answers;
  #terminal: Terminal | undefined;

  readonly #inSession: boolean;

  /** @param inSession calls come as lines, and so do their confirmations */
  constructor(answers: Answers, inSession = false) {
    this.#answers = answers;
    this.#inSession = inSession;
  }

  /** Answers that hold for one piece of work alone. */
  async during<T>(answers: Answers, work: () => Promise<T>): Promise<T> {
    const before = this.#answers;
    this.#answers = { ...before, ...answers };
    try {
      return await work();
    } finally {
      this.#answers = before;
    }
  }

  /** SECURITY: a confirmation that was given once is for one act: in a session the command's own would confirm every line. */
  forgetConfirmations(): void {
    const { confirm: _name, confirmFingerprint: _hex, ...others } = this.#answers;
    this.#answers = others;
  }

  #open(flag: string): Terminal {
    this.#terminal ??= openTerminal();
    if (this.#terminal !== undefined) return this.#terminal;
    throw new StrongroomError('secret-unavailable', 'nobody can be asked: there is no terminal', { nextStep: `run it in a terminal, or give ${flag}` });
  }

  /** SECURITY: the name of a key may be said; a fingerprint is what a person has from elsewhere, and is never offered. */
  #openFor(flag: string, { why, sentence, details, expected }: Pick<Confirmation, 'why' | 'sentence' | 'details' | 'expected'>): Terminal {
    const value = why === 'act' ? JSON.stringify(expected) : 'VALUE';
    try {
      return this.#open(`${flag} ${value}`);
    } catch (cause) {
      if (why !== 'act' || !(cause instanceof StrongroomError)) throw cause;
      throw new StrongroomError(cause.code, `nobody can be asked whether this is meant: ${[sentence, ...details].join('; ')}`, { nextStep: this.#inSession ? `put "confirm": ${value} beside "request"` : `run it in a terminal, or give ${flag} ${value}`, cause });
    }
  }

  async #secret(file: string | undefined, flag: string, question: string): Promise<SecretBytes> {
    if (file !== undefined) return fromFile(file, flag);
    return await askTerminal(this.#open(`${flag} FILE`), `${question}: `, true);
  }

  async #twice(file: string | undefined, flag: string, question: string): Promise<SecretBytes> {
    const first = await this.#secret(file, flag, question);
    if (file !== undefined) return first;
    const second = await askTerminal(this.#open(`${flag} FILE`), 'Again: ', true);
    const [a, b] = [first.expose(), second.expose()];
    const same = a.length === b.length && a.every((byte, index) => byte === b[index]);
    second.wipe();
    if (same) return first;
    first.wipe();
    throw new StrongroomError('confirmation-wrong', 'the two entries differ; nothing was done', { nextStep: 'try again' });
  }

  passphrase({ why, sentence }: PassphraseQuestion): Promise<SecretBytes> {
    if (why === 'recovery') return this.#secret(this.#answers.recoveryWordsFile, '--recovery-words-file', sentence);
    if (why === 'file') return this.#filePassword(sentence);
    return this.#secret(this.#answers.passphraseFile, '--passphrase-file', sentence);
  }

  /** The password of somebody's file may be empty; the answer to a question that nobody heard is not. */
  async #filePassword(sentence: string): Promise<SecretBytes> {
    const { filePasswordFile } = this.#answers;
    if (filePasswordFile !== undefined) return fromFile(filePasswordFile, '--file-password-file', true);
    return await this.#secret(undefined, '--file-password-file', sentence);
  }

  /** A new vault takes its passphrase from --passphrase-file too: there is no other yet. */
  newPassphrase({ why, sentence }: PassphraseQuestion): Promise<SecretBytes> {
    const { newPassphraseFile, passphraseFile } = this.#answers;
    const flag = why === 'change' ? '--new-passphrase-file' : '--passphrase-file';
    return this.#twice(why === 'change' ? newPassphraseFile : (newPassphraseFile ?? passphraseFile), flag, sentence);
  }

  async pin(question: PinQuestion): Promise<SecretBytes> {
    const { user, tokenLabel, finalTry } = question;
    const [file, flag] = user === 'so' ? [this.#answers.soPinFile, '--so-pin-file'] : [this.#answers.pinFile, '--pin-file'];
    // SECURITY: a script does not spend the last try of a PIN
    if (finalTry && file !== undefined) throw new StrongroomError('pin-final-try', `one try of the PIN of "${tokenLabel}" is left: it is not taken from a file`, { nextStep: 'run it in a terminal, and type the PIN' });
    if (user === 'user' && this.#answers.pinValue !== undefined) return this.#pinOfUri(finalTry, tokenLabel);
    if (file === undefined) this.#tell(flag, pinDetails(question));
    if (finalTry) await this.#confirmFinalTry(flag, tokenLabel);
    return await this.#secret(file, flag, pinSentence(question));
  }

  #tell(flag: string, details: readonly string[]): void {
    this.#open(`${flag} FILE`).output.write(`\n${listed(details)}`);
  }

  /** SECURITY: the last try of a PIN is spent knowingly: the token's label is typed before the PIN is asked for. @throws `declined` */
  async #confirmFinalTry(flag: string, tokenLabel: string): Promise<void> {
    const typed = await askTerminal(this.#open(`${flag} FILE`), `Type the label of the token ("${tokenLabel}") if you know its PIN, or press Ctrl-C: `, false);
    const label = await typed.consume((bytes) => Promise.resolve(new TextDecoder().decode(bytes)));
    if (label.normalize('NFC') !== tokenLabel.normalize('NFC')) throw new StrongroomError('declined', 'the label of the token was not typed; no try was spent', { nextStep: 'ask again once you know the PIN' });
  }

  #pinOfUri(finalTry: boolean, tokenLabel: string): SecretBytes {
    if (finalTry) throw new StrongroomError('pin-final-try', `one try of the PIN of "${tokenLabel}" is left: it is not taken from a URI`, { nextStep: 'run it in a terminal, and type the PIN' });
    return SecretBytes.own(new TextEncoder().encode(this.#answers.pinValue));
  }

  /** The first SO PIN of a token comes from --so-pin-file; one that replaces it cannot. */
  newPin(question: PinQuestion): Promise<SecretBytes> {
    const { user, tokenLabel, replaces } = question;
    const { soPinFile, newPinFile } = this.#answers;
    const [file, flag] = user === 'so' && replaces !== true ? ([soPinFile, '--so-pin-file'] as const) : ([newPinFile, '--new-pin-file'] as const);
    if (file === undefined) this.#tell(flag, pinDetails(question));
    return this.#twice(file, flag, `New ${user === 'so' ? 'SO PIN' : 'PIN'} of the token "${tokenLabel}"`);
  }

  async approve(confirmation: Confirmation): Promise<TypedApproval> {
    const typed = await this.confirm(confirmation);
    if (typed.normalize('NFC') !== confirmation.expected) return { typed, passphrase: undefined };
    return { typed, passphrase: await this.passphrase({ why: 'approve', sentence: `${confirmation.sentence}. Your passphrase signs this approval` }) };
  }

  async confirm({ why, sentence, details, expected, expectedIs }: Confirmation): Promise<string> {
    const { confirm, confirmFingerprint, confirmTime, confirmCopy } = this.#answers;
    const [given, flag] = ({ act: [confirm, '--confirm'], fingerprint: [confirmFingerprint, '--confirm-fingerprint'], clock: [confirmTime, '--confirm-time'], copy: [confirmCopy, '--confirm-copy'] } as const)[why];
    if (given !== undefined) return given;
    const terminal = this.#openFor(flag, { why, sentence, details, expected });
    terminal.output.write(`\n${shownLine(sentence)}.\n${listed(details)}`);
    const typed = await askTerminal(terminal, `Type ${expectedIs}, or press Ctrl-C: `, false);
    return await typed.consume((bytes) => new TextDecoder().decode(bytes));
  }

  close(): void {
    this.#terminal?.input.destroy();
    this.#terminal?.output.destroy();
  }
}
