/** The PIN of a PKCS#11 URI (RFC 7512 §2.4): its query is taken off before the URI goes anywhere, so that no PIN is in a request, a message or the log. */
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import type { Answers } from './terminalPrompt.ts';
import type { Typed } from './request.ts';

type PinAnswers = Pick<Answers, 'pinFile' | 'pinValue'>;

export interface WithoutPins {
  readonly typed: Typed;
  readonly answers: PinAnswers;
}

const withQuery = /^(pkcs11:[^?]*)\?(.*)$/is;

/** What is wrong is said without a byte of it: it may be part of a PIN. */
function refuse(what: string): never {
  throw new StrongroomError('request-invalid', `"key" expected a pkcs11 URI (RFC 7512): ${what}`, { field: 'key' });
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return refuse('a value of its query is not percent-encoded UTF-8');
  }
}

/** RFC 7512 §2.4: a file by `file:` or by its path. SECURITY: `|program` would run what a name says, and is refused. */
function pinFileOf(source: string): string {
  const text = decoded(source);
  if (text.startsWith('|')) refuse('a pin-source that names a program is not run');
  if (/\p{Cc}/u.test(text)) refuse('its pin-source has a control character');
  const [, host, path = text] = /^file:(?:\/\/([^/]*)(?=\/))?(.*)$/is.exec(text) ?? [];
  // RFC 8089 §2: no host, or this one; another scheme would otherwise be taken for the name of a file.
  if (host !== undefined && !/^(localhost)?$/i.test(host)) refuse('its pin-source names another computer');
  if (path === text && /^[a-z][a-z0-9+.-]+:/i.test(text)) refuse('its pin-source expected a file');
  return path === '' ? refuse('pin-source names no file') : path;
}

function answerOf(part: string): PinAnswers {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
  if (name === 'pin-source') return { pinFile: pinFileOf(value) };
  if (name === 'pin-value') return value === '' ? refuse('pin-value is empty') : { pinValue: decoded(value) };
  return refuse('its query has more than pin-source or pin-value: a module is added once, by `token add`');
}

function takeOff(text: string): { readonly uri: string; readonly answers: PinAnswers } | undefined {
  const [, uri, query] = withQuery.exec(text) ?? [];
  if (uri === undefined || query === undefined) return undefined;
  const parts = query.split('&');
  if (parts.length !== 1) refuse('its query has one of pin-source and pin-value');
  return { uri, answers: answerOf(parts[0] ?? '') };
}

/** @throws `request-invalid`; also where --pin-file says another PIN */
export function withoutPins(typed: Typed, given: Pick<Answers, 'pinFile'>): WithoutPins {
  let answers: PinAnswers = {};
  const clean = Object.fromEntries(
    Object.entries(typed).map(([name, value]) => {
      const taken = typeof value === 'string' ? takeOff(value) : undefined;
      if (taken === undefined) return [name, value];
      if (given.pinFile !== undefined) refuse('it has a PIN, and --pin-file names another');
      answers = taken.answers;
      return [name, taken.uri];
    }),
  );
  return { typed: clean, answers };
}
