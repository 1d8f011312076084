/** Private keys as the vault keeps them, read strictly: what stands twice is compared or refused, and every changed byte is noticed or harmless. */
import { generateKeyPairSync } from 'node:crypto';
import { assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDer, readDerList } from '../../electron/vault/crypto/derValue.ts';
import { writeBitString, writeDer } from '../../electron/vault/crypto/derWriter.ts';
import { readPkcs8 } from '../../electron/vault/crypto/pkcs8.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';

const newEc = () => new Uint8Array(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ format: 'der', type: 'pkcs8' }));
const parts = (der: Uint8Array) => readDerList(readDer(der, 0x30) ?? new Uint8Array(0)) ?? [];

/** The parts of ECPrivateKey, and PKCS#8 around others. */
function ecParts(pkcs8: Uint8Array) {
  const [version, algorithm, octets] = parts(pkcs8).map(({ whole }) => whole) as [Uint8Array, Uint8Array, Uint8Array];
  const inside = parts(readDer(octets, 0x04) ?? new Uint8Array(0)).map(({ whole }) => whole);
  return { inside, around: (...all: readonly Uint8Array[]) => writeDer(0x30, version, algorithm, writeDer(0x04, writeDer(0x30, ...all))) };
}

/** `none`, or how it is refused; what is no refusal in words is thrown on. */
function codeOf(der: Uint8Array): string {
  try {
    readPkcs8(der).material.wipe();
    return 'none';
  } catch (error) {
    if (isStrongroomError(error)) return error.code;
    throw error;
  }
}

describe('ECPrivateKey', () => {
  const { inside, around } = ecParts(newEc());
  const other = ecParts(newEc()).inside.at(-1) ?? new Uint8Array(0);

  test('is read with and without its public point', () => {
    for (const all of [inside, inside.slice(0, 2)]) expect(readPkcs8(around(...all)).algorithm).toBe('ec-p256');
  });

  test.each([
    ['another public point', [...inside.slice(0, 2), other]],
    ['a second public point behind its own', [...inside, other]],
    ['its public point twice', [...inside, ...inside.slice(-1)]],
    ['a part that RFC 5915 does not have', [...inside, writeBitString(new Uint8Array(1))]],
    ['such a part alone', [...inside.slice(0, 2), writeDer(0xa2, inside[0] ?? new Uint8Array(0))]],
  ])('with %s is refused', (_, all) => {
    expect(codeOf(around(...all))).toBe('input-malformed');
  });
});

test('a changed byte is refused in words, or leaves the key what it was', () => {
  const whole = newEc();
  const material = new Uint8Array(readPkcs8(whole).material.expose());
  assert(property(integer({ min: 0, max: whole.length - 1 }), integer({ min: 1, max: 255 }), (index, change) => {
    const changed = whole.map((byte, at) => (at === index ? byte ^ change : byte));
    const code = codeOf(changed);
    if (code === 'none') expect(Buffer.from(readPkcs8(changed).material.expose()).equals(material)).toBe(true);
    else expect(code).toBe('input-malformed');
  }), { numRuns: 400 });
});
