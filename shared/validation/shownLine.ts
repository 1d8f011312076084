/** Texts that a person is shown: what stands in them may come from a file or a token. */
import { deceptive } from './name.ts';

const everyDeceptive = new RegExp(deceptive, 'gu');

/** On one line, and without what could move the cursor, hide other text or turn its direction. */
export function shownLine(text: string): string {
  return text.replace(everyDeceptive, '\ufffd');
}

/** The same, cut at `most` UTF-16 units. */
export function shortLine(text: string, most: number): string {
  return shownLine(text).slice(0, most);
}

/** Labels of PKCS#11 have no end: in a sentence a long one would push away what must be read. */
export function shortLabel(label: string): string {
  const characters = [...label];
  return characters.length <= 100 ? label : `${characters.slice(0, 100).join('')}…`;
}
