/** ECDSA signatures between DER (RFC 3279 §2.2.3: SEQUENCE of r and s) and P1363 (r and s at the full length of the curve). One signature has one spelling in each. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { concatBytes } from '../../crypto/bytes.ts';
import { derTags, readDer, readDerList, unsignedOf } from '../../crypto/derValue.ts';
import { writeDer, writeUnsigned } from '../../crypto/derWriter.ts';
import { coordinateBytes, fixedLength } from '../../crypto/spki.ts';
import type { CurveKind } from '../../crypto/spki.ts';

function malformed(expected: string, got: string): StrongroomError {
  return new StrongroomError('input-malformed', `the ECDSA signature expected ${expected}, got ${got}`, { field: 'signature', nextStep: 'ask for the signature again, and in which form it is: DER, or r and s side by side' });
}

/** A positive number, which is what r and s are (FIPS 186-5 §6.4.2). */
function numberOf(content: Uint8Array, bytes: number): Uint8Array {
  const number = unsignedOf(content);
  if (number === undefined) throw malformed('two positive minimal integers', 'a negative or a padded one');
  if (number.length > bytes) throw malformed(`numbers of at most ${bytes} bytes`, `one of ${number.length}`);
  if (number.every((byte) => byte === 0)) throw malformed('two positive minimal integers', 'a zero');
  return fixedLength(number, bytes);
}

/** @throws `input-malformed` for what is not strictly DER, or not of this curve */
export function ecdsaToP1363(der: Uint8Array, curve: CurveKind): Uint8Array {
  const sequence = readDer(der, derTags.sequence);
  const [r, s, ...rest] = (sequence === undefined ? undefined : readDerList(sequence)) ?? [];
  if (r?.tag !== derTags.integer || s?.tag !== derTags.integer || rest.length > 0) throw malformed('a DER sequence of two integers', 'something else');
  return concatBytes(numberOf(r.content, coordinateBytes[curve]), numberOf(s.content, coordinateBytes[curve]));
}

/** A leading zero that was left out, or DER under the other name, is said: it is not a signature that fails. @throws `input-malformed` */
export function requireP1363(p1363: Uint8Array, curve: CurveKind): Uint8Array {
  const bytes = 2 * coordinateBytes[curve];
  if (p1363.length !== bytes) throw malformed(`${bytes} bytes for ${curve}`, String(p1363.length));
  return p1363;
}

/** @throws `input-malformed` where the length is not that of the curve */
export function ecdsaToDer(p1363: Uint8Array, curve: CurveKind): Uint8Array {
  const bytes = coordinateBytes[curve];
  requireP1363(p1363, curve);
  const numbers = [p1363.subarray(0, bytes), p1363.subarray(bytes)];
  if (numbers.some((number) => number.every((byte) => byte === 0))) throw malformed('two positive numbers', 'a zero');
  return writeDer(derTags.sequence, ...numbers.map(writeUnsigned));
}
