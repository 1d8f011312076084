/**
 * Where every question for a person is asked: one at a time, in the trusted prompt. The desk is the prompt port of the core, and it hands secrets to
 * nobody else. After two refusals it is closed for a while, so that nobody is worn down by questions.
 */
import { isStrongroomError, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { PromptAnswer, Question, Seal, Sitting } from '../../../shared/ipc/promptContract.ts';
import { shownLine } from '../../../shared/validation/shownLine.ts';
import { pinDetails, pinSentence, SecretBytes } from '../../vault/index.ts';
import type { Confirmation, PassphraseQuestion, PinQuestion, Prompt } from '../../vault/index.ts';

/** A prompt's window, once it is open. */
export interface PromptWindow {
  close(): void;
}

/** How a host opens the prompt's window over the main one, which takes no input until it is closed. */
export interface PromptOpener {
  open(sitting: Sitting, handlers: { onAnswer(answer: PromptAnswer): void; onClosed(): void }): Promise<PromptWindow>;
}

/** Milliseconds. */
export const deafFor = 700;
const pauseFor = 30_000;
const refusalsThatPause = 2;
const waitingAtMost = 4;
/** A copied vault file can be guessed at for ever: the core refuses what is shorter. */
const fewestCharacters = 12;

export type Given = Extract<PromptAnswer, { kind: 'given' }>;

/** Bytes that came from the prompt's page, with one owner; what they came in is emptied. */
function secretOf({ secret }: Given): SecretBytes {
  if (secret === undefined) throw new StrongroomError('secret-unavailable', 'the prompt gave no secret', { nextStep: 'try again' });
  const taken = SecretBytes.own(Uint8Array.from(secret));
  (secret as number[]).fill(0); // SECURITY: the page's message is wiped as far as we hold it
  return taken;
}

/** SECURITY: names and labels in a question come from files and tokens too: none of them turns or hides the words around it. */
function shownQuestion(question: Question): Question {
  return {
    ...question,
    sentence: shownLine(question.sentence),
    ...('details' in question ? { details: question.details.map(shownLine) } : {}),
    ...('verb' in question ? { verb: shownLine(question.verb) } : {}),
  };
}

export interface DeskOptions {
  readonly opener: PromptOpener;
  readonly seal: () => Seal | undefined;
  /** Told when the prompt opens and closes. */
  readonly onChange: (open: boolean) => void;
  readonly now?: () => number;
  readonly deafFor?: number;
}

export class PromptDesk implements Prompt {
  readonly #options: DeskOptions;
  readonly #now: () => number;
  readonly #deafFor: number;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #refusals = 0;
  #pausedUntil = 0;
  #lastSitting = 0;
  #dismiss: (() => void) | undefined;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#deafFor = options.deafFor ?? deafFor;
  }

  /**
   * Asks, when all earlier questions are answered. `check` says what is wrong with an answer, and then the question is asked again.
   * @throws `declined`; `secret-unavailable` while the prompt is paused, or with too many questions in the queue
   */
  ask(question: Question, check: (given: Given) => string | undefined = () => undefined): Promise<Given> {
    if (this.#waiting >= waitingAtMost) throw new StrongroomError('secret-unavailable', 'too many questions wait for an answer already', { nextStep: 'answer them first', retryable: true });
    this.#waiting += 1;
    const mine = this.#last.then(() => this.#untilGood(question, check));
    this.#last = mine.catch(() => undefined);
    return mine.finally(() => {
      this.#waiting -= 1;
    });
  }

  async #untilGood(question: Question, check: (given: Given) => string | undefined): Promise<Given> {
    this.#requireNoPause();
    for (let again: string | undefined; ; ) {
      const answer = await this.#sit(question, again);
      if (answer.kind === 'declined') throw this.#refused(answer.how);
      again = check(answer);
      if (again === undefined) {
        this.#refusals = 0;
        return answer;
      }
    }
  }

  #requireNoPause(): void {
    if (this.#now() >= this.#pausedUntil) return;
    const seconds = Math.ceil((this.#pausedUntil - this.#now()) / 1000);
    // SECURITY: whoever asks again and again is not answered by tiredness
    throw new StrongroomError('secret-unavailable', `two questions were refused; the prompt is paused for ${seconds} more seconds`, { rule: 'PROMPT-2', nextStep: 'wait, and ask again if it was you', retryable: true });
  }

  #countRefusal(): void {
    this.#refusals += 1;
    if (this.#refusals < refusalsThatPause) return;
    this.#pausedUntil = this.#now() + pauseFor;
    this.#refusals = 0;
  }

  /** What the system asks instead of the prompt counts the same: two refusals pause both. @throws what `ask` throws; `secret-unavailable` */
  async elsewhere<T>(ask: () => Promise<T>): Promise<T> {
    this.#requireNoPause();
    try {
      const answer = await ask();
      this.#refusals = 0;
      return answer;
    } catch (error) {
      if (isStrongroomError(error, 'declined')) this.#countRefusal(); // SECURITY: nobody is worn down by the system's dialogs either
      throw error;
    }
  }

  #refused(how: 'later' | 'refused'): StrongroomError {
    this.#countRefusal();
    return new StrongroomError('declined', how === 'refused' ? 'it was refused at the prompt; nothing was done' : 'it was put off at the prompt; nothing was done', { nextStep: 'ask again when it should be done' });
  }

  async #sit(question: Question, again: string | undefined): Promise<PromptAnswer> {
    this.#lastSitting += 1;
    const id = String(this.#lastSitting);
    const sitting: Sitting = { id, question: shownQuestion(question), seal: this.#options.seal(), deafFor: this.#deafFor, ...(again === undefined ? {} : { again }) };
    const opened = this.#now();
    this.#options.onChange(true);
    try {
      return await this.#answerOf(sitting, opened);
    } finally {
      this.#dismiss = undefined;
      this.#options.onChange(false);
    }
  }

  async #answerOf(sitting: Sitting, opened: number): Promise<PromptAnswer> {
    const later = { sitting: sitting.id, kind: 'declined', how: 'later' } as const;
    let settle: (answer: PromptAnswer) => void = () => undefined;
    const answered = new Promise<PromptAnswer>((resolve) => {
      settle = resolve;
    });
    this.#dismiss = () => settle(later);
    const onAnswer = (answer: PromptAnswer) => {
      // SECURITY: an answer to another sitting, or one that came before anybody could have read the question, is none
      if (answer.sitting === sitting.id && this.#now() - opened >= this.#deafFor) settle(answer);
    };
    const window = await this.#opened(sitting, { onAnswer, onClosed: () => settle(later) });
    try {
      return await answered;
    } finally {
      window.close();
    }
  }

  async #opened(...opening: Parameters<PromptOpener['open']>): Promise<PromptWindow> {
    try {
      return await this.#options.opener.open(...opening);
    } catch (cause) {
      throw new StrongroomError('secret-unavailable', "the prompt's window did not open; nothing was asked", { nextStep: 'try again; if it stays so, close the window and start Strongroom again', retryable: true, cause });
    }
  }

  /** Closes what is asked now, unanswered: the vault was locked. */
  dismiss(): void {
    this.#dismiss?.();
  }

  async passphrase({ why, sentence }: PassphraseQuestion): Promise<SecretBytes> {
    return secretOf(await this.ask({ kind: 'passphrase', sentence, ...(why === 'recovery' ? { words: true } : {}), ...(why === 'file' ? { ofFile: true } : {}) }));
  }

  async newPassphrase({ sentence }: PassphraseQuestion): Promise<SecretBytes> {
    return secretOf(await this.ask({ kind: 'newPassphrase', sentence, fewestCharacters }));
  }

  async pin(question: PinQuestion): Promise<SecretBytes> {
    const { countLow, finalTry, minLength, maxLength } = question;
    return secretOf(await this.ask({ kind: 'pin', sentence: pinSentence(question), details: pinDetails(question), countLow, finalTry, minLength, maxLength }));
  }

  async newPin(question: PinQuestion): Promise<SecretBytes> {
    const { user, tokenLabel, minLength, maxLength } = question;
    const sentence = `A new ${user === 'so' ? 'security officer PIN' : 'PIN'} for the token "${tokenLabel}"`;
    return secretOf(await this.ask({ kind: 'newPin', sentence, details: pinDetails(question), minLength, maxLength }));
  }

  async approve(confirmation: Confirmation) {
    const given = await this.#confirmed('approve', confirmation);
    return { typed: given.typed ?? '', passphrase: secretOf(given) };
  }

  async confirm(confirmation: Confirmation): Promise<string> {
    return (await this.#confirmed('confirm', confirmation)).typed ?? '';
  }

  #confirmed(kind: 'approve' | 'confirm', { sentence, details, expected, expectedIs, verb, destroys = false, fingerprint }: Confirmation): Promise<Given> {
    return this.ask({ kind, sentence, details, expected, expectedIs, verb, destroys, fingerprint });
  }
}
