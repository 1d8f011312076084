/** The other party's public key for a key agreement: SubjectPublicKeyInfo in PEM (RFC 7468) or DER, or a JWK (RFC 7517; EC of RFC 7518 §6.2, OKP of RFC 8037). */
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { fixedLength, coordinateBytes, readSpki, writeEcSpki, writeSpki } from '../crypto/spki.ts';
import type { CurveKind } from '../crypto/spki.ts';
import { readPem } from './pem.ts';

const base64url = z.string().max(4096).regex(/^[A-Za-z0-9_-]+$/);
const jwkSchema = z.object({ kty: z.string(), crv: z.string(), x: base64url, y: base64url.optional(), d: z.unknown() });
const curves: Readonly<Record<string, CurveKind>> = { 'P-256': 'ec-p256', 'P-384': 'ec-p384', 'P-521': 'ec-p521' };

function malformed(got: string): StrongroomError {
  return new StrongroomError('input-malformed', `the file expected one public key in PEM, DER or JWK, got ${got}`, { field: 'peer', nextStep: 'ask the other party for the public key, for instance from `key public`' });
}

function disclosed(): StrongroomError {
  return new StrongroomError('input-malformed', 'the file holds a private key: expected a public key', { field: 'peer', nextStep: 'a private key that was sent must be considered disclosed: its owner must make a new pair, and send the public half only' });
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
}

/** @returns undefined for a kind of key that agrees on nothing */
function fromJwk(json: unknown): Uint8Array | undefined {
  const parsed = jwkSchema.safeParse(json);
  if (!parsed.success) throw malformed('JSON of another shape');
  const { kty, crv, x, y, d } = parsed.data;
  if (d !== undefined) throw disclosed();
  const kind = kty === 'EC' ? curves[crv] : undefined;
  if (kind !== undefined && y !== undefined) return writeEcSpki(kind, fixedLength(bytesOf(x), coordinateBytes[kind]), fixedLength(bytesOf(y), coordinateBytes[kind]));
  return kty === 'OKP' && crv === 'X25519' ? writeSpki('x25519', bytesOf(x)) : undefined;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined; // DER is not text
  }
}

function fromText(text: string): Uint8Array | undefined {
  if (text.trimStart().startsWith('{')) return fromJwk(JSON.parse(text));
  const blocks = readPem(text);
  // SECURITY: a private key is named for what it is; nothing of it is kept or shown
  if (blocks.some(({ label }) => label.includes('PRIVATE KEY'))) throw disclosed();
  if (blocks.length > 1) throw malformed(`${blocks.length} PEM blocks`);
  return blocks[0]?.label === 'PUBLIC KEY' ? blocks[0].der : undefined;
}

/** @returns SubjectPublicKeyInfo @throws `input-malformed` */
export function readPeerKey(bytes: Uint8Array): Uint8Array {
  const text = textOf(bytes);
  let found: Uint8Array | undefined;
  try {
    found = (text === undefined ? undefined : fromText(text)) ?? bytes;
  } catch (error) {
    throw error instanceof StrongroomError ? error : malformed('something broken');
  }
  if (readSpki(found) === undefined) throw malformed('something else');
  return found;
}
