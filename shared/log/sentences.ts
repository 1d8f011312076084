/** What an entry of the log says, in a sentence; and its outcome as a word. */
import { attestationVerdicts, attestationVerdictTexts } from '../model/attestation.ts';
import type { Reply } from '../ipc/contract.ts';

export type EntryView = Reply<'audit.list'>['entries'][number];
export type Outcome = 'Done' | 'Intent' | 'Refused' | 'Failed';

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const actWords: Readonly<Record<string, string>> = {
  'key.generate': 'generate a key', 'key.rotate': 'rotate', 'key.encrypt': 'encrypt a file', 'key.decrypt': 'decrypt a file', 'key.decryptCbc': 'decrypt a file by AES-CBC', 'key.mac': 'make tags with', 'key.verifyMac': 'verify a tag with', 'key.derive': 'derive a key', 'key.encapsulate': 'encapsulate a key', 'key.sign': 'sign', 'key.export': 'export', 'key.wrap': 'wrap',
  'key.requestCertificate': 'ask for a certificate for', 'key.attachCertificate': 'attach a certificate to', 'key.import': 'import a key', 'key.unwrap': 'unwrap a key', 'key.adopt': 'adopt a key', 'key.attest': 'take the attestation of', 'key.destroy': 'destroy', 'token.init': 'initialise a token', 'token.add': 'add a module', 'token.changePin': 'change the PIN of a token', 'token.unblockPin': 'give a token a new PIN', 'recipient.add': 'add a recipient', 'recipient.remove': 'remove a recipient', 'audit.export': 'export the log', 'key.copy': 'copy', 'token.clone': 'clone the token', 'key.promote': 'make a copy the place of', 'key.removeCopy': 'destroy a copy of',
  'vault.backup': 'back the vault up', 'vault.drill': 'rehearse a restore', 'vault.salvage': 'salvage a damaged vault', 'vault.restore': 'restore a backup',
};

/** Names of keys by their ids: the log holds ids, so that it can be shown without them. An outcome is about what its intent is about. */
export interface Names {
  readonly keys: ReadonlyMap<string, string>;
  readonly intents: ReadonlyMap<string, EntryView>;
}

/** What the entries at hand say of each other. */
export function withIntents(keys: ReadonlyMap<string, string>, entries: readonly EntryView[]): Names {
  return { keys, intents: new Map(entries.filter(({ kind }) => kind === 'intent').map((entry) => [String(entry.seq), entry])) };
}

function about({ body, personal }: EntryView, { keys, intents }: Names): string {
  const intended = intents.get(text(body['intent']))?.body ?? {};
  const key = keys.get(text(body['key'] ?? intended['key']));
  const version = text(body['number'] ?? intended['number']);
  const parts = [key === undefined ? '' : ` ${key}`, version === '' ? '' : ` version ${version}`, personal['name'] === undefined ? '' : ` ${personal['name']}`];
  return parts.join('');
}

function act(entry: EntryView): string {
  const name = text(entry.body['act']);
  if (name === 'key.copy' && entry.body['move'] === true) return 'move';
  return actWords[name] ?? name;
}

function changeOfWays({ mode, added, removed, exported, imported }: EntryView['body']): string {
  const way = mode === 'recovery' ? 'recovery sheet' : 'way in by passphrase';
  if (added === true) return `A ${way} was made`;
  if (removed === true) return `A ${way} was removed`;
  if (exported === true) return 'The identity was exported';
  return imported === true ? 'An identity was imported' : 'The passphrase was changed';
}

function aboutToken({ act: name, serial, model, firmware, keys, differences, first, accepted }: EntryView['body']): string {
  if (name === 'token.probe') return `What tokens of the model ${text(model)} (firmware ${text(firmware)}) can do was tried`;
  if (name === 'token.forget') return `The token with serial ${text(serial)} was forgotten`;
  if (first === true) return `The token with serial ${text(serial)} was looked at for the first time: ${text(keys)} keys`;
  const found = differences === 0 ? 'all is as expected' : `${text(differences)} ${differences === 1 ? 'difference' : 'differences'}`;
  return `The token with serial ${text(serial)} was compared: ${found}${accepted === true && differences !== 0 ? ', accepted for keys that are not of this vault' : ''}`;
}

const kinds: Readonly<Record<string, (entry: EntryView, names: Names) => string>> = {
  genesis: ({ personal }) => `The vault was founded${personal['person'] === undefined ? '' : ` by ${personal['person']}`}`,
  unlock: () => 'Unlocked with a passphrase',
  attempts: ({ body }) => `${text(body['attempts'])} failed attempts to unlock, unauthenticated`,
  passphrase: ({ body }) => changeOfWays(body),
  epoch: ({ body }) => (body['act'] === 'vault.recover' ? `The vault was recovered with its sheet: epoch ${text(body['epoch'])} began` : `Epoch ${text(body['epoch'])} began: everything was sealed anew`),
  check: ({ body }) => `Everything was verified: ${text(body['entries'])} entries, ${text(body['rows'])} rows`,
  clock: () => 'The date was confirmed by a person',
  anchor: ({ body }) => `${body['departure'] === 'forked' ? 'A copy that had gone its own way' : 'An older copy'} was confirmed as the vault: ${text(body['missing'])} entries that were seen before are missing`,
  audit: (entry) => `Did ${act(entry)}`,
  backup: (entry) => `${entry.body['ok'] === false ? 'Could not' : entry.body['begun'] === undefined && entry.body['act'] === 'vault.backup' ? 'Will' : 'Did'} ${act(entry)}`,
  intent: (entry, names) => `Will ${act(entry)}${about(entry, names)}`,
  outcome: (entry, names) => `${entry.body['ok'] === false ? 'Could not' : 'Did'} ${act(entry)}${about(entry, names)}`,
  state: (entry, names) => `State${about(entry, names)}: ${text(entry.body['from'])} to ${text(entry.body['to'])}${entry.personal['reason'] === undefined ? '' : `, because: ${entry.personal['reason']}`}`,
  refusal: (entry, names) => `Refused ${text(entry.body['method'])}${about(entry, names)}${entry.body['rule'] === undefined ? `: ${text(entry.body['code'])}` : ` by rule ${text(entry.body['rule'])}`}`,
  key: (entry, names) => `Did ${act(entry)}${about(entry, names)}${entry.body['replaced'] === undefined ? '' : ', in place of another'}${verdictOf(entry)}`,
  recipient: (entry, names) => `Did ${act(entry)}${about(entry, names)}`,
  token: ({ body }) => aboutToken(body),
  module: ({ body }) => `Added the module ${text(body['path'])}`,
};

function verdictOf({ body: { verdict } }: EntryView): string {
  const known = attestationVerdicts.find((name) => name === verdict);
  return known === undefined ? '' : `: ${attestationVerdictTexts[known]}`;
}

export function sentenceOfEntry(entry: EntryView, names: Names): string {
  return kinds[entry.kind]?.(entry, names) ?? `${entry.kind}${about(entry, names)}`;
}

export function outcomeOf({ kind, body }: EntryView): Outcome {
  if (kind === 'refusal' || kind === 'attempts') return 'Refused';
  if (kind === 'intent') return 'Intent';
  return body['ok'] === false ? 'Failed' : 'Done';
}
