/** The fields of a question: each is shown, says what is wrong with it, and gives what was entered. */
import { agreement, recoveryWordCount, sheetWordsHeard, wordsNeeded, wordsOf } from '../../shared/words/pgpWords.ts';
import { utf8Length } from '../../shared/validation/name.ts';
import { strengthOf } from '../../shared/validation/passphraseStrength.ts';
import type { PromptBridge, Question } from '../../shared/ipc/promptContract.ts';
import { element } from './dom.ts';

export interface Entered {
  typed?: string;
  secret?: number[];
  replace?: boolean;
  form?: number;
}

export interface Field {
  readonly row: HTMLElement;
  readonly input: HTMLElement;
  /** What is wrong, or undefined. */
  fault(): string | undefined;
  /** Adds what was entered, and empties the field where it is secret. */
  take(entered: Entered): void;
}

let lastId = 0;

interface InputParts {
  readonly row: HTMLElement;
  readonly input: HTMLInputElement | HTMLTextAreaElement;
  readonly note: HTMLElement;
}

function labelled(label: string, attributes: Readonly<Record<string, string>>, onInput: (parts: InputParts) => void = () => undefined, tag: 'input' | 'textarea' = 'input'): InputParts {
  const id = `field-${++lastId}`;
  const input = element(tag, { id, spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', 'aria-describedby': `${id}-note`, ...attributes });
  const note = element('span', { id: `${id}-note`, class: 'note', 'aria-live': 'polite' });
  const parts = { row: element('div', { class: 'field' }, element('label', { for: id }, label), element('span', { class: `input ${tag}` }, input, note)), input, note };
  input.addEventListener('input', () => onInput(parts));
  return parts;
}

/** Bytes of what was typed; the field is emptied. */
function secretOf(input: InputParts['input']): number[] {
  const bytes = Array.from(new TextEncoder().encode(input.value));
  input.value = ''; // SECURITY: the page keeps no secret longer than it takes to send it
  return bytes;
}

/** @param kept false: the field is only emptied */
function putSecret(input: InputParts['input'], kept = true): Field['take'] {
  return (entered) => {
    const secret = secretOf(input);
    if (kept) entered.secret = secret;
    else secret.fill(0);
  };
}

function putText(input: InputParts['input']): Field['take'] {
  return (entered) => {
    entered.typed = input.value.trim();
  };
}

function putTick(input: HTMLInputElement): Field['take'] {
  return (entered) => {
    entered.replace = input.checked;
  };
}

function secretField(label: string, name: string): Field & InputParts {
  const parts = labelled(label, { type: 'password', name });
  const showCaps = (event: KeyboardEvent) => {
    parts.note.textContent = event.getModifierState('CapsLock') ? 'Caps Lock is on' : '';
  };
  parts.row.addEventListener('keyup', showCaps);
  return {
    ...parts,
    fault: () => (parts.input.value === '' ? `${label}: nothing was typed` : undefined),
    take: putSecret(parts.input),
  };
}

const elsewhere = (place: number) => `word ${place} is none that stands there: compare it with the sheet`;

function wordsFault(typed: string): string | undefined {
  const { words, wrong } = sheetWordsHeard(typed, true);
  if (wrong !== undefined) return elsewhere(wrong);
  return words === recoveryWordCount ? undefined : `the sheet has ${recoveryWordCount} words, typed were ${words}`;
}

/** The words of a recovery sheet, from paper: seen while they are typed, and a slip is found before all 22 are sent. */
function wordsField(): Field {
  const heard = ({ input, note }: InputParts) => {
    const { words, wrong } = sheetWordsHeard(input.value, false);
    note.textContent = wrong === undefined ? `${words} of ${recoveryWordCount} words` : elsewhere(wrong);
  };
  const parts = labelled('Words of the sheet', { name: 'words', rows: '5' }, heard, 'textarea');
  heard(parts);
  return { ...parts, fault: () => wordsFault(parts.input.value), take: putSecret(parts.input) };
}

/** A new secret, typed twice. */
function newSecretFields(what: string, fault: (text: string) => string | undefined, note: (text: string) => string): Field[] {
  const first = labelled(`New ${what}`, { type: 'password', name: 'new' }, ({ input, note: shown }) => {
    shown.textContent = note(input.value);
  });
  const again = labelled('The same again', { type: 'password', name: 'again' }, ({ input, note: shown }) => {
    shown.textContent = input.value === first.input.value ? '✓ the same' : '';
  });
  return [
    { ...first, fault: () => fault(first.input.value), take: putSecret(first.input) },
    { ...again, fault: () => (again.input.value === first.input.value ? undefined : 'the two entries differ'), take: putSecret(again.input, false) },
  ];
}

function typedField(label: string, note: (typed: string) => string, fault: (typed: string) => string | undefined): Field {
  const parts = labelled(label, { type: 'text', name: 'typed' }, ({ input, note: shown }) => {
    shown.textContent = note(input.value);
  });
  return { ...parts, fault: () => fault(parts.input.value), take: putText(parts.input) };
}

type Confirming = Extract<Question, { kind: 'approve' | 'confirm' }>;

function confirmFields(question: Confirming): Field[] {
  const { kind, expected, expectedIs, fingerprint } = question;
  const byWords = fingerprint !== undefined && fingerprint === expected;
  const matches = (typed: string) => typed.normalize('NFC') === expected;
  const heard = (typed: string) => {
    const { agree, differ } = agreement(typed, expected);
    return differ ? `word ${agree + 1} differs` : agree === 0 ? '' : `✓ ${agree} of ${wordsNeeded} agree`;
  };
  const typed = byWords
    ? typedField('Type the words (or the digits) that the recipient reads to you', heard, (text) => (text.trim() === '' ? 'type what the recipient reads to you' : undefined))
    : typedField(`Type ${expectedIs}: ${expected}`, (text) => (matches(text) ? '✓ matches' : ''), (text) => (matches(text) ? undefined : `${expectedIs} is “${expected}”: type it letter for letter`));
  return kind === 'approve' ? [typed, secretField('Your passphrase', 'passphrase')] : [typed];
}

type Filing = Extract<Question, { kind: 'file' }>;

/** A path, with names offered that go on from it. */
function fileFields({ access, start }: Filing, bridge: PromptBridge): Field[] {
  const list = element('datalist', { id: 'paths' });
  const parts = labelled('Path of the file', { type: 'text', name: 'path', list: 'paths', value: start }, ({ input }) => void offer(input.value));
  const offer = async (typed: string) => {
    const names = await bridge.complete(typed);
    list.replaceChildren(...names.map((name) => element('option', { value: name })));
  };
  parts.row.append(list);
  void offer(start);
  const path: Field = { ...parts, fault: () => (parts.input.value.trim() === '' ? 'type the path of the file' : undefined), take: putText(parts.input) };
  if (access === 'read') return [path];
  const replace = element('input', { type: 'checkbox', id: 'replace' });
  const row = element('div', { class: 'tick' }, replace, element('label', { for: 'replace' }, 'Replace a file that is there'));
  return [path, { row, input: replace, fault: () => undefined, take: putTick(replace) }];
}

/** What a token counts: bytes of UTF-8 (PKCS#11 v2.40 §3.2). */
function pinFault(text: string, { minLength, maxLength }: { minLength: number; maxLength: number }): string | undefined {
  const bytes = utf8Length(text);
  return bytes >= minLength && bytes <= maxLength ? undefined : `the PIN has ${minLength} to ${maxLength} bytes${bytes === text.length ? '' : ', and letters outside of ASCII count more than one'}`;
}

function newPinNote(text: string, bounds: { minLength: number; maxLength: number }): string {
  return pinFault(text, bounds) ?? (utf8Length(text) === text.length ? '' : 'letters outside of ASCII: other programs and PIN pads may not be able to enter it');
}

/** SECURITY: what the token would refuse by its length alone is not sent. */
function pinField(question: Extract<Question, { kind: 'pin' }>): Field {
  const field = secretField('PIN', 'pin');
  return { ...field, fault: () => field.fault() ?? pinFault(field.input.value, question) };
}

/** SECURITY: the last try of a PIN is spent knowingly: the box must be ticked. */
function finalTryField(): Field {
  const box = element('input', { type: 'checkbox', id: 'final' });
  const row = element('div', { class: 'tick danger' }, box, element('label', { for: 'final' }, 'One try is left: a wrong PIN locks the token. I know this PIN.'));
  return { row, input: box, fault: () => (box.checked ? undefined : 'tick that you know the PIN, or put it off'), take: () => undefined };
}

function passphraseField({ words, ofFile }: Extract<Question, { kind: 'passphrase' }>): Field {
  if (words === true) return wordsField();
  if (ofFile !== true) return secretField('Passphrase', 'passphrase');
  return { ...secretField('Password of the file', 'file-password'), fault: () => undefined }; // some files have an empty one
}

export function fieldsOf(question: Question, bridge: PromptBridge): Field[] {
  switch (question.kind) {
    case 'passphrase':
      return [passphraseField(question)];
    case 'newPassphrase':
      return newSecretFields('passphrase', (text) => strengthOf(text, question.fewestCharacters).fault, (text) => strengthOf(text, question.fewestCharacters).word);
    case 'pin':
      return [...(question.finalTry ? [finalTryField()] : []), pinField(question)];
    case 'newPin':
      return newSecretFields('PIN', (text) => pinFault(text, question), (text) => newPinNote(text, question));
    case 'file':
      return fileFields(question, bridge);
    case 'seal':
      return [];
    default:
      return confirmFields(question);
  }
}

/** A fingerprint in words, to be compared by ear. */
export function wordTable(fingerprint: string): HTMLElement {
  return element('ol', { class: 'words', 'aria-label': 'fingerprint in words' }, ...wordsOf(fingerprint).slice(0, wordsNeeded).map((word) => element('li', {}, word)));
}
