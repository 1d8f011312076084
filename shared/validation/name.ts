/** Names of keys, people and recipients: what is refused so that no name can look like another (Unicode TR 36, TR 39). */
import { z } from 'zod';

/** The longest name, in bytes of UTF-8: a label on a token has 64, with room for a version number. */
export const nameByteLimit = 52;

/** Control, format (bidi, zero-width, joiners), surrogate, private-use and unassigned characters; line and paragraph separators. */
export const deceptive = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
/** Spaces that look like a plain one, and letters that show nothing. */
const invisible = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u3164\uffa0\u2800]|\u034f/u;

/** The length of a text in bytes of UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** A character by its number: the character itself is shown to nobody. */
function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** What is wrong with a name, or undefined for a good one. */
export function nameFault(name: string): string | undefined {
  if (name.length === 0) return 'is empty';
  // SECURITY: two names that look alike but differ in bytes would let one key pass for another.
  if (name !== name.normalize('NFC')) return 'is not in Unicode NFC form';
  const hidden = deceptive.exec(name) ?? invisible.exec(name);
  if (hidden !== null) return `has the character ${codePoint(hidden[0])}, which is invisible or changes how the name is read`;
  if (name !== name.trim()) return 'begins or ends with a space';
  if (name.startsWith('-')) return 'begins with a hyphen, which a command line reads as a flag';
  if (utf8Length(name) > nameByteLimit) return `is longer than ${nameByteLimit} bytes of UTF-8`;
  return undefined;
}

/** A name that a person gives. */
export const nameSchema = z.string().superRefine((name, context) => {
  const fault = nameFault(name);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: `the name ${fault}` });
});
