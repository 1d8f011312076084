/** The allowed_signers file of ssh-keygen(1): who may sign with which key, for which namespaces, and when. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { equalBytes, utf8 } from '../../crypto/bytes.ts';
import { readSshBase64 } from '../sshPublicKey.ts';
import { requireModest } from './documentBytes.ts';

export interface AllowedQuery {
  readonly keyBlob: Uint8Array;
  readonly namespace: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Who must have signed; left out, whoever the file names for the key. */
  readonly principal?: string;
}

interface AllowedLine {
  readonly principals: string;
  readonly authority: boolean;
  readonly namespaces: string | undefined;
  readonly after: number | undefined;
  readonly before: number | undefined;
  readonly keyBlob: Uint8Array;
}

function malformed(line: number, reason: string): StrongroomError {
  return new StrongroomError('input-malformed', `line ${line} of allowed_signers ${reason}`, { field: 'allowedSigners', nextStep: 'write the line as ssh-keygen(1) has it: PRINCIPALS [OPTIONS] KEYTYPE BASE64' });
}

/** One pattern with `*` and `?`; linear in the text for each star. */
function matches(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') [star, mark, p] = [p, t, p + 1];
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, mark, t] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  return /^\**$/.test(pattern.slice(p));
}

/** PATTERNS of ssh_config(5): a negated one that matches refuses, whatever stands beside it. */
function inList(list: string, text: string): boolean {
  const patterns = list.split(',').map((pattern) => pattern.trim());
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1), text))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && pattern !== '' && matches(pattern, text));
}

/** YYYYMMDD or YYYYMMDDHHMM[SS], in UTC with a Z, else in this computer's zone. */
function timeOf(text: string, line: number): number {
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone] = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/.exec(text) ?? [];
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number];
  const time = zone === 'Z' ? Date.UTC(y, mo - 1, d, h, mi, s) : new Date(y, mo - 1, d, h, mi, s).getTime();
  const back = new Date(time);
  if (year === undefined || (zone === 'Z' ? back.getUTCDate() : back.getDate()) !== d || mo < 1 || mo > 12 || h > 23 || mi > 59 || s > 59) throw malformed(line, `has a time that cannot be read: "${shortLine(text, 20)}"`);
  return time;
}

/** Options are separated by commas outside quotes. */
function optionsOf(text: string, line: number): Pick<AllowedLine, 'authority' | 'namespaces' | 'after' | 'before'> {
  const options = new Map<string, string>();
  for (const option of text.match(/(?:[^,"]|"[^"]*")+/g) ?? []) {
    const [, name, , value = ''] = /^([A-Za-z-]+)(="([^"]*)")?$/.exec(option) ?? [];
    const known = name?.toLowerCase();
    if (known === undefined || !['cert-authority', 'namespaces', 'valid-after', 'valid-before'].includes(known)) throw malformed(line, `has an option that is not known: "${shortLine(option, 40)}"`);
    if (options.has(known)) throw malformed(line, `has the option ${known} twice`);
    if ((known === 'cert-authority') !== (value === '')) throw malformed(line, `has the option ${known} ${value === '' ? 'without its value in quotes' : 'with a value'}`);
    options.set(known, value);
  }
  const time = (name: string): number | undefined => (options.has(name) ? timeOf(options.get(name) ?? '', line) : undefined);
  return { authority: options.has('cert-authority'), namespaces: options.get('namespaces'), after: time('valid-after'), before: time('valid-before') };
}

const keyType = /^(ssh-|ecdsa-|sk-|rsa-)/;

/** Words of a line; quotes hold white space together. */
function parseLine(text: string, line: number): AllowedLine {
  const words = text.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const [principals, ...rest] = words;
  const withOptions = rest[0] !== undefined && !keyType.test(rest[0]);
  const [type, encoded] = withOptions ? rest.slice(1) : rest;
  if (principals === undefined || type === undefined || encoded === undefined || !keyType.test(type)) throw malformed(line, 'does not name a key');
  const keyBlob = readSshBase64(encoded);
  if (!equalBytes(keyBlob.subarray(4, 4 + type.length), utf8(type))) throw malformed(line, `names the type ${shortLine(type, 40)}, and its key has another`);
  return { principals: principals.replace(/^"(.*)"$/, '$1'), keyBlob, ...optionsOf(withOptions ? (rest[0] ?? '') : '', line) };
}

function parse(text: string): readonly AllowedLine[] {
  requireModest(utf8(text), 'allowed_signers file');
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const line = raw.replace(/^\ufeff/, '').trim();
    return line === '' || line.startsWith('#') ? [] : [parseLine(line, index + 1)];
  });
}

function refusedBy({ principals, authority, namespaces, after, before }: AllowedLine, { namespace, time, principal }: AllowedQuery): string | undefined {
  if (authority) return 'the line of this key is a cert-authority: certificates of OpenSSH are not taken';
  if (principal !== undefined && !inList(principals, principal)) return `the key is not allowed for ${shortLine(principal, 300)}`;
  if (namespaces !== undefined && !inList(namespaces, namespace)) return `the key is not allowed for the namespace ${namespace}`;
  if (after !== undefined && time < after) return `the key is not allowed before ${new Date(after).toISOString()}`;
  return before !== undefined && time > before ? `the key is not allowed after ${new Date(before).toISOString()}` : undefined;
}

/** @returns the principals of the lines that allow the key, or why none does @throws `input-malformed` for a line that cannot be read: what it forbids would be lost */
export function allowedPrincipals(text: string, query: AllowedQuery): { readonly reason?: string; readonly principals: readonly string[] } {
  const ofKey = parse(text).filter(({ keyBlob }) => equalBytes(keyBlob, query.keyBlob));
  const allowed = ofKey.filter((line) => refusedBy(line, query) === undefined);
  if (allowed.length > 0) return { principals: allowed.map(({ principals }) => shortLine(principals, 300)) };
  const [first] = ofKey;
  return { reason: (first === undefined ? undefined : refusedBy(first, query)) ?? 'the key that signed is not in allowed_signers', principals: [] };
}
