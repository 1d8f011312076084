/** Words and dates as the window says them. Every date has its zone; hex stands in groups. */
import type { KeyState, Origin, Purpose } from '../../shared/model/terms.ts';

export const purposeWords: Readonly<Record<Purpose, string>> = { 'data-encryption': 'Data encryption', 'key-wrapping': 'Key wrapping', mac: 'Message authentication', signature: 'Signature', authentication: 'Authentication', 'key-agreement': 'Key agreement', 'key-derivation': 'Key derivation', 'key-transport': 'Key transport' };

export const purposeExplained: Readonly<Record<Purpose, string>> = {
  'data-encryption': 'Encrypts and decrypts files. AES-GCM.',
  'key-wrapping': 'Wraps and unwraps other keys, nothing else. AES-KW, AES-KWP.',
  mac: 'Makes and verifies authentication codes of files. HMAC, CMAC.',
  signature: 'Signs files; anybody verifies with the public half. RSA, ECDSA, Ed25519, ML-DSA.',
  authentication: 'Proves who is there: signs for logins and requests. RSA, ECDSA, Ed25519, ML-DSA.',
  'key-agreement': 'Agrees on new keys with another party. ECDH, X25519, ML-KEM.',
  'key-derivation': 'Makes new keys from one, each for its use. HKDF.',
  'key-transport': 'Receives keys that others wrap to its public half; never decrypts. RSA-OAEP.',
};

export const originWords: Readonly<Record<Origin, string>> = { generated: 'was made here', imported: 'came out of a file', unwrapped: 'came wrapped', derived: 'was derived', adopted: 'was on the token already' };

/** What its coming asks for. */
export const originAdvice: Readonly<Partial<Record<Origin, string>>> = {
  imported: 'This computer saw it: rotate it soon, and destroy the file.',
  adopted: 'Another program made it: who else holds it, this vault does not know.',
};

/** The words of the states: `deactivated` tells what is left to do. */
export const stateWords: Readonly<Record<KeyState, string>> = { 'pre-activation': 'Pre-activation', active: 'Active', suspended: 'Suspended', deactivated: 'Process only', compromised: 'Compromised', destroyed: 'Destroyed' };

const wrapWords: Readonly<Record<string, string>> = { 'aes-kw': 'AES-KW (RFC 3394)', 'aes-kwp': 'AES-KWP (RFC 5649)' };
const rsaWrap = /^rsa-(oaep|aes-kwp)-(sha\d+)$/;

/** `sha256` reads SHA-256. */
export function hashWord(hash: string): string {
  return hash.replace(/^sha/, 'SHA-');
}

export function formatWord(format: string): string {
  const [, scheme, hash = ''] = rsaWrap.exec(format) ?? [];
  return scheme === undefined ? (wrapWords[format] ?? format) : `${scheme === 'oaep' ? 'RSA-OAEP' : 'RSA-AES-KWP'}, ${hashWord(hash)}`;
}

const mechanismHash = /^(rsa-pkcs1|rsa-pss|ecdsa)-(sha\d+)$/;
const schemeWords: Readonly<Record<string, string>> = { 'rsa-pkcs1': 'RSA PKCS#1 v1.5', 'rsa-pss': 'RSA-PSS', ecdsa: 'ECDSA', ed25519: 'Ed25519', 'ml-dsa-65': 'ML-DSA-65' };

export function mechanismWord(mechanism: string): string {
  const [, scheme = mechanism, hash] = mechanismHash.exec(mechanism) ?? [];
  return `${schemeWords[scheme] ?? scheme}${hash === undefined ? '' : `, ${hashWord(hash)}`}`;
}

/** Which zone dates are shown in: a setting of the window. */
let utc = false;

export function showUtc(on: boolean): void {
  utc = on;
}

export function zoneName(): string {
  return utc ? 'UTC' : (new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(new Date()).find(({ type }) => type === 'timeZoneName')?.value ?? 'local time');
}

function format(time: string | number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { ...options, ...(utc ? { timeZone: 'UTC' } : {}) }).format(new Date(time));
}

/** 12 Jan 2027. */
export function day(time: string | number): string {
  return format(time, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** 12 Jan 2027, 09:31 CET. */
export function moment(time: string | number): string {
  return `${day(time)}, ${format(time, { hour: '2-digit', minute: '2-digit' })} ${zoneName()}`;
}

/** 09:31:07 today, else the day. */
export function shortMoment(time: string, now: number): string {
  return day(time) === day(now) ? format(time, { hour: '2-digit', minute: '2-digit', second: '2-digit' }) : day(time);
}

const aDay = 86_400_000;

/** `in 3 days`, `2 days over`. */
export function untilWords(time: string, now: number): string {
  const days = Math.ceil((Date.parse(time) - now) / aDay);
  if (days === 0) return 'today';
  if (days < 0) return `${-days} ${days === -1 ? 'day' : 'days'} over`;
  return `in ${days} ${days === 1 ? 'day' : 'days'}`;
}

/** Hex in groups of four, upper case, to be read. */
export function grouped(hex: string): string {
  return hex.toUpperCase().replace(/(.{4})(?=.)/g, '$1 ');
}

export function count(number: number): string {
  return number.toLocaleString('en');
}

export function many(number: number, one: string, more = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : more}`;
}

/** As one word of a command line, whatever is in it. */
export function shellWord(text: string): string {
  return /^[\w./][\w./-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function bytesWord(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
}
