/**
 * The contract of the trusted prompt: the one page that a secret may be typed into, and all that passes between it and its host.
 * The page asks for nothing: it is given one question, and gives back one answer.
 */

/** What a person chose to know the real prompt by: a drawn pattern and three words. The main window never learns it. */
export interface Seal {
  /** Which pattern, 0 to `sealForms` - 1: patterns differ in form, not only in hue. */
  readonly form: number;
  readonly phrase: string;
  /** ISO 8601 date. */
  readonly chosen: string;
}

export const sealForms = 12;

interface Asked {
  /** What is about to happen, in one sentence of the core's. */
  readonly sentence: string;
}

export type Question =
  /** `words`: of a recovery sheet; they are seen while they are typed. `ofFile`: the password of somebody's key file, which may be empty. */
  | (Asked & { readonly kind: 'passphrase'; readonly words?: boolean; readonly ofFile?: boolean })
  | (Asked & { readonly kind: 'newPassphrase'; readonly fewestCharacters: number })
  | (Asked & { readonly kind: 'pin'; readonly details: readonly string[]; readonly countLow: boolean; readonly finalTry: boolean; readonly minLength: number; readonly maxLength: number })
  | (Asked & { readonly kind: 'newPin'; readonly details: readonly string[]; readonly minLength: number; readonly maxLength: number })
  | (Asked & {
      /** `approve` asks for the passphrase too. */
      readonly kind: 'approve' | 'confirm';
      readonly details: readonly string[];
      readonly expected: string;
      readonly expectedIs: string;
      readonly verb: string;
      readonly destroys: boolean;
      /** Lower-case hex: shown in words, and what is typed is compared with it. */
      readonly fingerprint: string | undefined;
    })
  | (Asked & { readonly kind: 'file'; readonly access: 'read' | 'write'; readonly verb: string; readonly start: string })
  | (Asked & { readonly kind: 'seal'; readonly offers: readonly Seal[] });

/** What the page is given when it opens, and again with each question in the same sitting. */
export interface Sitting {
  /** Answers name it: an answer to another sitting is not one. */
  readonly id: string;
  readonly question: Question;
  readonly seal: Seal | undefined;
  /** Milliseconds after it has the focus in which nothing is taken: a click meant for another window does nothing here. */
  readonly deafFor: number;
  /** Why the last answer was not taken. */
  readonly again?: string;
}

export type PromptAnswer =
  | { readonly sitting: string; readonly kind: 'declined'; readonly how: 'later' | 'refused' }
  | { readonly sitting: string; readonly kind: 'given'; readonly typed?: string; readonly secret?: readonly number[]; readonly replace?: boolean; readonly form?: number };

/** What the host puts into the prompt's page, and nowhere else. */
export interface PromptBridge {
  /** The question of this sitting; later ones come to `onSitting`. */
  sitting(): Promise<Sitting>;
  onSitting(listener: (sitting: Sitting) => void): void;
  answer(answer: PromptAnswer): Promise<void>;
  /** Paths that go on from what was typed: this page is where files are chosen when the system has no dialog for it. */
  complete(typed: string): Promise<readonly string[]>;
}
