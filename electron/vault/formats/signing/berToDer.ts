/** BER (X.690 §8) made DER: definite, shortest lengths and strings in one piece. Programs that stream write CMS with indefinite lengths. */
import { childrenOf, octetsOf, onlyValue } from '../../crypto/derReader.ts';
import { deepest, derTags } from '../../crypto/derValue.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { writeDer, writeDerOf } from '../../crypto/derWriter.ts';
import { damaged } from '../../crypto/malformed.ts';

function normal(value: DerValue, document: string, depth: number): Uint8Array {
  if (depth > deepest) throw damaged(document, `it is nested deeper than ${deepest} levels`);
  if ((value.tag & 0x20) === 0) return writeDer(value.tag, value.content);
  if (value.tag === (derTags.octetString | 0x20)) return writeDer(derTags.octetString, octetsOf(value, 'octet string')); // the pieces of §8.7.3
  return writeDerOf(value.tag, childrenOf(value).map((child) => normal(child, document, depth + 1)));
}

/** @throws `input-malformed` for what is not exactly one value, or nests too deep */
export function berToDer(bytes: Uint8Array, document: string): Uint8Array {
  return normal(onlyValue(bytes, 'ber'), document, 0);
}
