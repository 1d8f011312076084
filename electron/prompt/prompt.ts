/**
 * The trusted prompt: one question, one answer. The only page that a secret is typed into. It has no code of others, no default button,
 * takes nothing for a moment after it gets the focus, and shows a seal that no other page knows.
 */
import type { PromptBridge, Question, Sitting } from '../../shared/ipc/promptContract.ts';
import { element } from './dom.ts';
import type { Child } from './dom.ts';
import { fieldsOf, wordTable } from './fields.ts';
import type { Entered, Field } from './fields.ts';
import { drawSeal } from './seal.ts';

const bridge = (globalThis as unknown as { strongroomPrompt: PromptBridge }).strongroomPrompt;

function sealBand({ seal }: Sitting): HTMLElement {
  if (seal === undefined) return element('header', { class: 'band none' }, element('div', {}, element('small', {}, 'This is the Strongroom prompt'), element('b', {}, 'No seal was chosen yet'), element('small', {}, 'Choose one in Settings, to know this window by it.')));
  const words = element('div', {}, element('small', {}, `Your seal, chosen by you on ${seal.chosen}`), element('b', {}, seal.phrase), element('small', {}, 'Not yours? Close this window and lock.'));
  return element('header', { class: 'band' }, element('span', { class: 'pattern' }, drawSeal(seal)), words);
}

const verbs = { passphrase: 'Unlock', newPassphrase: 'Set passphrase', pin: 'Enter PIN', newPin: 'Set PIN' } as const;

function verbOf(question: Question): string | undefined {
  if (question.kind === 'seal') return undefined;
  if (question.kind === 'passphrase' && question.words === true) return 'Read the words';
  if (question.kind === 'passphrase' && question.ofFile === true) return 'Read the file';
  return 'verb' in question ? question.verb : verbs[question.kind];
}

function bodyOf(question: Question): Child[] {
  if (question.kind === 'passphrase' && question.words === true) return [element('p', { class: 'hint' }, 'All words, in the order of the sheet. Capital letters, and what stands between two words, do not matter.')];
  if (question.kind === 'passphrase' && question.ofFile === true) return [element('p', { class: 'hint' }, 'The one that the file was sealed with, not that of the vault: letter for letter, as its sender gave it. Some files have an empty one.')];
  if (question.kind === 'newPassphrase') return [element('p', { class: 'hint' }, 'A copied vault can be guessed at for ever. Six random words are good. Nobody can recover it for you, but the recovery sheet that you make.')];
  if (!('details' in question)) return [];
  const words = !('fingerprint' in question) || question.fingerprint === undefined ? [] : [element('h2', {}, 'Fingerprint, in words'), wordTable(question.fingerprint)];
  return [...words, element('ul', { class: 'details' }, ...question.details.map((detail) => element('li', {}, detail)))];
}

/** Seals to choose from: a press on one is the answer. */
function sealChoice(sitting: Sitting): Child[] {
  if (sitting.question.kind !== 'seal') return [];
  const tiles = sitting.question.offers.map((seal) => {
    const tile = element('button', { type: 'button', class: 'tile' }, drawSeal(seal), element('span', {}, seal.phrase));
    tile.addEventListener('click', () => void send(sitting, { form: seal.form }));
    return tile;
  });
  return [element('div', { class: 'tiles' }, ...tiles)];
}

async function send({ id }: Sitting, entered: Entered): Promise<void> {
  document.body.inert = true;
  await bridge.answer({ sitting: id, kind: 'given', ...entered });
}

function button(label: string, kind: string, onPress: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: kind }, label);
  made.addEventListener('click', onPress);
  return made;
}

function decline(sitting: Sitting, how: 'later' | 'refused'): void {
  void bridge.answer({ sitting: sitting.id, kind: 'declined', how });
}

function submit(sitting: Sitting, fields: readonly Field[], fault: HTMLElement): void {
  const bad = fields.find((field) => field.fault() !== undefined);
  fault.textContent = bad?.fault() ?? '';
  bad?.input.focus();
  if (bad !== undefined) return;
  const entered: Entered = {};
  for (const field of fields) field.take(entered);
  void send(sitting, entered);
}

/** Enter goes on to the next field, then to the button beside the danger: it never does anything by itself. */
function goOnByEnter(inputs: readonly HTMLElement[], last: HTMLElement): void {
  for (const [index, input] of inputs.entries())
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      (inputs[index + 1] ?? last).focus();
    });
}

/** SECURITY: whatever was pressed or typed for another window does nothing here: deaf for a moment, each time the window gets the focus. */
function deafAtFirst({ deafFor }: Sitting, first: HTMLElement): void {
  let timer = 0;
  const begin = () => {
    document.body.inert = true;
    clearTimeout(timer);
    timer = setTimeout(() => {
      document.body.inert = false;
      first.focus();
    }, deafFor);
  };
  window.onfocus = begin;
  begin();
}

function show(sitting: Sitting): void {
  const { question, again = '' } = sitting;
  const destroys = 'destroys' in question && question.destroys;
  const fields = fieldsOf(question, bridge);
  const fault = element('p', { class: 'fault', role: 'alert' }, again);
  const later = button('Not now', 'plain', () => decline(sitting, 'later'));
  const verb = verbOf(question);
  const act = verb === undefined ? undefined : button(verb, destroys ? 'danger' : 'primary', () => submit(sitting, fields, fault));
  goOnByEnter(fields.map(({ input }) => input), destroys ? later : (act ?? later));
  const foot = element('footer', {}, button('Refuse…', 'quiet', () => decline(sitting, 'refused')), later, act);
  const main = element('main', {}, element('h1', { class: destroys ? 'destroys' : '' }, question.sentence), ...bodyOf(question), ...sealChoice(sitting), ...fields.map(({ row }) => row), fault);
  document.body.replaceChildren(sealBand(sitting), main, foot);
  const first = fields[0]?.input ?? main.querySelector<HTMLElement>('.tile') ?? later;
  deafAtFirst(sitting, destroys ? later : first);
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') document.querySelector<HTMLButtonElement>('button.plain')?.click();
});
bridge.onSitting(show);
show(await bridge.sitting());
