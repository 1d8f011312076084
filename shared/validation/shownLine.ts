/** Texts that a person is asked about: what stands in them may come from a file or a token. */

/** On one line, and without what could move the cursor, hide other text or turn its direction. */
export function shownLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/** Labels of PKCS#11 have no end: in a sentence a long one would push away what must be read. */
export function shortLabel(label: string): string {
  const characters = [...label];
  return characters.length <= 100 ? label : `${characters.slice(0, 100).join('')}…`;
}
