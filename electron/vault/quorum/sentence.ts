/** What the trusted prompt shows: one sentence, its consequences, and what must be typed. A pure function of the request's act and nothing else. */
import { shortLabel } from '../../../shared/validation/shownLine.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Confirmation } from '../ports/prompt.ts';
import { cloneSentence, copySentence } from './copySentence.ts';
import type { ActOf, GuardedAct, Subject } from './guardedRequest.ts';

type Sentence = Omit<Confirmation, 'why'>;

/** Hex in groups of four, to be read aloud. */
export function grouped(bytes: Uint8Array): string {
  return toHex(bytes).replace(/(.{4})(?=.)/g, '$1 ');
}

function named({ name, number, place }: Subject): string {
  return `version ${number} of the key "${name}" (${place})`;
}

function exportSentence(act: ActOf<'key.export'>): Sentence {
  const { subject, recipient, mechanism, effectiveStrength, ownStrength } = act;
  return {
    sentence: `Export ${named(subject)} to "${recipient.name}", wrapped by ${mechanism.format} under its ${recipient.modulusBits}-bit RSA key`,
    details: [
      `recipient's fingerprint: ${grouped(recipient.spkiSha256)}`,
      effectiveStrength < ownStrength ? `it travels at ${effectiveStrength} bits of strength, not its own ${ownStrength}` : `it travels at ${effectiveStrength} bits of strength`,
      ...mechanismDetails(mechanism),
      'recorded today, it could be opened by a later quantum computer',
      'what has been handed out cannot be called back',
    ],
    expected: subject.name,
    expectedIs: 'the name of the key',
    verb: `Export ${subject.name}`,
    fingerprint: toHex(recipient.spkiSha256),
  };
}

/** What belongs to the wrapping, where a person must see it. */
function mechanismDetails({ hash, mgfHash, label, ephemeral, encoding }: ActOf<'key.export'>['mechanism']): string[] {
  return [
    ...(encoding === 'pkcs8' ? ['the private key travels, as PKCS#8: whoever opens it can sign or decrypt as its owner'] : []),
    ...(hash === undefined ? [] : [`RSA-OAEP with ${hash}, MGF1 with ${mgfHash ?? hash}, ${label === undefined || label.length === 0 ? 'no label' : `label "${new TextDecoder().decode(label)}"`}`]),
    ...(ephemeral === 'computer' ? ['the ephemeral AES key is made on this computer: who reads its memory reads the key'] : []),
  ];
}

function wrapSentence({ subject, under, mechanism }: ActOf<'key.wrap'>): Sentence {
  return {
    sentence: `Wrap ${named(subject)} under ${named(under)} by ${mechanism.format} and write it to a file`,
    details: [
      ...mechanismDetails(mechanism),
      'whoever can use the wrapping key can open the file',
      'what has been handed out cannot be called back',
    ],
    expected: subject.name,
    expectedIs: 'the name of the key',
    verb: `Wrap ${subject.name}`,
  };
}

function companionDetail({ kind, label, id, goes }: ActOf<'key.destroy'>['companions'][number]): string {
  const what = `the ${kind === 'certificate' ? 'certificate' : 'public key'} "${shortLabel(label)}" (CKA_ID ${shortLabel(toHex(id)) || 'none'})`;
  return goes ? `${what} goes with it` : `${what} stays on the token, without its private key`;
}

function copyDetail({ place, goes, why }: ActOf<'key.destroy'>['tokenCopies'][number]): string {
  return goes ? `the copy ${place} goes with it` : `a copy remains: ${place}, which cannot be asked now (${why ?? 'it does not answer'})`;
}

function destroyCopySentence({ subject, tokenCopies, reason }: ActOf<'key.destroy'>): Sentence {
  return {
    sentence: `Destroy the copy of version ${subject.number} of the key "${subject.name}" ${tokenCopies.map(({ place }) => place).join(' and ')} for good`,
    details: [`reason: ${reason}`, `the key itself stays as it is (${subject.place})`, 'this cannot be undone, but by another copy'],
    expected: subject.name,
    expectedIs: 'the name of the key',
    verb: `Destroy the copy of ${subject.name}`,
    destroys: true,
  };
}

function destroySentence({ subject, copies, tokenCopies, companions, reason }: ActOf<'key.destroy'>): Sentence {
  return {
    sentence: `Destroy ${named(subject)} for good`,
    details: [
      `reason: ${reason}`,
      'this cannot be undone: what only this version can decrypt, unwrap or sign is lost',
      ...companions.map(companionDetail),
      ...tokenCopies.map(copyDetail),
      ...(copies.length === 0 ? [tokenCopies.length === 0 ? 'this vault knows of no copies' : 'this vault knows of no other copies'] : copies.map((copy) => `a copy remains: ${copy}`)),
    ],
    expected: subject.name,
    expectedIs: 'the name of the key',
    verb: `Destroy ${subject.name}`,
    destroys: true,
  };
}

/** The last part of a path, on any system. */
export function fileNameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

function addModuleSentence({ path, sha256, name, ownerUid, parameters, replaces }: ActOf<'token.add'>): Sentence {
  return {
    sentence: `${replaces === undefined ? 'Add' : 'Pin anew'} the PKCS#11 module ${path}`,
    details: [
      `known as: ${name}`,
      `SHA-256: ${grouped(sha256)}`,
      ...(replaces === undefined ? [] : [`before:  ${grouped(replaces)}`]),
      ...(ownerUid === undefined ? [] : [`owner: user ${ownerUid}`]),
      ...(parameters === undefined ? [] : [`it is told when it starts: ${parameters}`]),
      'what its tokens can do is tried with keys that are thrown away',
      "a module gets PINs and acts with this user's rights: add only one that came from your token's vendor",
    ],
    expected: fileNameOf(path),
    expectedIs: 'the file name of the module',
    verb: `${replaces === undefined ? 'Add' : 'Pin anew'} ${fileNameOf(path)}`,
  };
}

function initTokenSentence({ modulePath, slot, label, wipes }: ActOf<'token.init'>): Sentence {
  return {
    sentence: `Initialise the token in slot ${slot} of ${fileNameOf(modulePath)} as "${label}"`,
    details: wipes === undefined ? ['the slot holds no token yet'] : [`the token "${wipes}" is wiped, with every key on it`, 'this cannot be undone'],
    expected: label,
    expectedIs: 'the new label',
    verb: `Initialise ${label}`,
    destroys: wipes !== undefined,
  };
}

/** The sentence of an act. */
export function sentenceOf(act: GuardedAct): Sentence {
  switch (act.method) {
    case 'key.export':
      return exportSentence(act);
    case 'key.wrap':
      return wrapSentence(act);
    case 'key.destroy':
      return act.only === 'copies' ? destroyCopySentence(act) : destroySentence(act);
    case 'key.copy':
      return copySentence(act);
    case 'token.clone':
      return cloneSentence(act);
    case 'token.add':
      return addModuleSentence(act);
    case 'token.init':
      return initTokenSentence(act);
  }
}
