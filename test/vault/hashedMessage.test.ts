/** ECDSA over a message that went by in parts: the platform's signature is the one that the digest verifies by, and a state is good once. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ecdsaSigner, ecPoint, newEcScalar } from '../../electron/vault/crypto/ecPrivate.ts';
import { HashedMessage } from '../../electron/vault/crypto/hashedMessage.ts';
import { generateKeyPairSync } from 'node:crypto';
import { privateKeyObject, publicKeyObject } from '../../electron/vault/crypto/keyObjects.ts';
import { secretPartOf } from '../../electron/vault/crypto/privateKeyParts.ts';
import { verifySignature } from '../../electron/vault/crypto/verifySignature.ts';
import { writeSpki } from '../../electron/vault/crypto/spki.ts';

const parts = [new Uint8Array(3).fill(1), new Uint8Array(0), new Uint8Array(100_000).fill(2)];
const der = (curve: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return { pkcs8: new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })), spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })) };
};

function hashed(name: 'sha256' | 'sha384' | 'sha512'): HashedMessage {
  const message = new HashedMessage(name, true);
  for (const part of parts) message.update(part);
  return message;
}

describe.each([['prime256v1', 'sha256'], ['secp384r1', 'sha384'], ['secp521r1', 'sha512'], ['prime256v1', 'sha512'], ['secp521r1', 'sha256']] as const)('%s with %s', (curve, name) => {
  const mechanism = `ecdsa-${name}` as const;
  const { pkcs8, spki } = der(curve);
  const [secret, half] = [privateKeyObject(pkcs8), publicKeyObject(spki)];
  const digest = new Uint8Array(parts.reduce((hash, part) => hash.update(part), createHash(name)).digest());

  test('signs what its digest is of, once', () => {
    const message = hashed(name);
    expect(message.digest()).toEqual(digest);
    const signature = message.sign(secret);
    expect(signature).toBeDefined();
    expect(verifySignature(spki, mechanism, digest, signature ?? new Uint8Array(0)).valid).toBe(true);
    expect(message.sign(secret)).toBeUndefined();
  });

  test('verifies it, refuses a changed one and that of another key, once each', () => {
    const signature = hashed(name).sign(secret) ?? new Uint8Array(0);
    const message = hashed(name);
    expect(message.verify(half, signature)).toBe(true);
    expect(message.verify(half, signature)).toBeUndefined();
    for (const at of [0, 5, signature.length - 1]) expect(hashed(name).verify(half, signature.map((byte, index) => (index === at ? byte ^ 1 : byte)))).toBe(false);
    expect(hashed(name).verify(publicKeyObject(der(curve).spki), signature)).toBe(false);
    for (const length of [0, 1, signature.length - 1, signature.length + 1]) expect(hashed(name).verify(half, new Uint8Array(length))).toBe(false);
  });
});

test('a signer over a bare digest and one over the message are verified alike', () => {
  const scalar = newEcScalar('ec-p256');
  const spki = writeSpki('ec-p256', ecPoint('ec-p256', scalar));
  const sign = ecdsaSigner('ec-p256', new Uint8Array(0), scalar);
  const digest = HashedMessage.of('sha256', new Uint8Array(5)).digest();
  expect(verifySignature(spki, 'ecdsa-sha256', digest, sign('ecdsa-sha256', digest, undefined)).valid).toBe(true);
});

describe('a signer that is asked for a digest, and given a message', () => {
  const { pkcs8, spki } = der('prime256v1');
  const sign = ecdsaSigner('ec-p256', pkcs8, secretPartOf(pkcs8));
  const [one, other] = [Uint8Array.of(1), Uint8Array.of(2)];
  const isOver = (message: Uint8Array, signature: Uint8Array) => verifySignature(spki, 'ecdsa-sha256', HashedMessage.of('sha256', message).digest(), signature).valid;

  test('signs that digest: with the message, and a second time without it', () => {
    const message = HashedMessage.of('sha256', one);
    for (let time = 0; time < 2; time += 1) expect(isOver(one, sign('ecdsa-sha256', message.digest(), message))).toBe(true);
  });

  test('signs no other message that came along, and by no other hash', () => {
    const digest = HashedMessage.of('sha256', one).digest();
    const signature = sign('ecdsa-sha256', digest, HashedMessage.of('sha256', other));
    expect([isOver(one, signature), isOver(other, signature)]).toEqual([true, false]);
    expect(isOver(one, sign('ecdsa-sha256', digest, HashedMessage.of('sha512', one)))).toBe(true);
  });
});
