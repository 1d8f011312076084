/** Keys from other keys, whoever keeps them: two parties come to the same key, known values come out, and a peer that gives the secret away is refused. */
import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { mlKemEncapsulate } from '../../electron/vault/crypto/postQuantum.ts';
import { readSpki, writeSpki } from '../../electron/vault/crypto/spki.ts';
import type { DeriveRequest } from '../../electron/vault/providers/provider.ts';
import { derivationsOf } from '../../shared/lifecycle/purposes.ts';
import type { Algorithm } from '../../shared/model/terms.ts';
import { asked, bytes, codeOf, random } from './suiteKeys.ts';
import type { SuiteKeys } from './suiteKeys.ts';

const agreeing = ['ec-p256', 'ec-p384', 'ec-p521', 'x25519'] as const;
const curveNames: Readonly<Record<string, string>> = { 'ec-p256': 'prime256v1', 'ec-p384': 'secp384r1', 'ec-p521': 'secp521r1' };
const none = bytes();

/** A peer outside of the provider: its public key, and what it knows of ours. */
function outsider(algorithm: (typeof agreeing)[number]) {
  if (algorithm === 'x25519') {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
    return { spki, secretWith: (other: Uint8Array) => new Uint8Array(diffieHellman({ privateKey, publicKey: keyOfSpki(other) })) };
  }
  const ecdh = createECDH(curveNames[algorithm] ?? '');
  const spki = writeSpki(algorithm, new Uint8Array(ecdh.generateKeys()));
  return { spki, secretWith: (other: Uint8Array) => new Uint8Array(ecdh.computeSecret(readSpki(other)?.raw ?? none)) };
}

function keyOfSpki(spki: Uint8Array) {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

export function describeAgreement({ provider, keyOf, sameKey }: SuiteKeys): void {
  const can = async (algorithm: Algorithm) => (await provider().capabilities()).algorithms.includes(algorithm);
  const brought = async (key: Uint8Array) => (await provider().take({ ...asked('aes-256', 'data-encryption'), material: SecretBytes.own(new Uint8Array(key)) })).ref;
  const derive = (request: Pick<DeriveRequest, 'from' | 'derivation'> & Partial<DeriveRequest>) => provider().derive({ ...asked('aes-256', 'data-encryption'), info: none, ...request });

  describe('agreement', () => {
    test.each(agreeing)('%s: a party outside comes to the same key', async (algorithm) => {
      const { imports } = await provider().capabilities();
      const makes = await can(algorithm);
      const code = makes ? await codeOf(keyOf(algorithm, 'key-agreement')) : 'none';
      if (code !== 'none') return void expect(code, 'its pairs sign and agree on nothing').toBe('token-refused');
      const ours = makes ? await keyOf(algorithm, 'key-agreement') : undefined;
      if (ours?.publicKey === undefined || !imports.includes('aes-256')) {
        if (!makes) expect(['token-cannot', 'refused']).toContain(await codeOf(provider().generate(asked(algorithm, 'key-agreement'))));
        return;
      }
      await agreesWithOutsider(algorithm, ours.ref, ours.publicKey);
    });

    async function agreesWithOutsider(algorithm: (typeof agreeing)[number], from: string, publicKey: Uint8Array): Promise<void> {
      const { derivations } = await provider().capabilities();
      const peer = outsider(algorithm);
      const secret = peer.secretWith(publicKey);
      const info = new TextEncoder().encode('suite');
      if (derivations.includes('ecdh-hkdf-sha256')) {
        const salt = random(9);
        const { ref } = await derive({ from, derivation: 'ecdh-hkdf-sha256', peer: peer.spki, info, salt });
        expect(await sameKey(ref, await brought(new Uint8Array(hkdfSync('sha256', secret, salt, info, 32))))).toBe(true);
      }
      if (derivations.includes('ecdh-raw') && secret.length === 32) expect(await sameKey((await derive({ from, derivation: 'ecdh-raw', peer: peer.spki })).ref, await brought(secret))).toBe(true);
      if (!derivations.some((one) => derivationsOf(algorithm).includes(one))) expect(await codeOf(derive({ from, derivation: 'ecdh-raw', peer: peer.spki }))).toBe('token-cannot');
    }

    test.each(agreeing)('%s: a peer of another kind, off the curve, or of low order is refused', async (algorithm) => {
      const { derivations } = await provider().capabilities();
      const derivation = derivations.find((one) => derivationsOf(algorithm).includes(one));
      if (!(await can(algorithm)) || derivation === undefined) {
        const tried = keyOf('aes-256', 'data-encryption').then(({ ref }) => derive({ from: ref, derivation: 'ecdh-raw', peer: outsider(algorithm).spki }));
        expect(await codeOf(tried)).not.toBe('none');
        return;
      }
      const { ref: from } = await keyOf(algorithm, 'key-agreement');
      const good = outsider(algorithm).spki;
      const bad = algorithm === 'x25519' ? writeSpki('x25519', new Uint8Array(32)) : good.map((byte, index) => (index === good.length - 1 ? byte ^ 1 : byte));
      const other = outsider(algorithm === 'ec-p256' ? 'ec-p384' : 'ec-p256').spki;
      for (const peer of [bad, other, good.slice(1), none, random(91)]) expect(await codeOf(derive({ from, derivation, peer }))).not.toBe('none');
      expect(await codeOf(derive({ from, derivation, peer: bad }))).toBe('input-malformed'); // by the core: not every module looks
      expect(await codeOf(derive({ from, derivation }))).not.toBe('none');
    });

    test('ml-kem-768: who encapsulated comes to the same key; a changed ciphertext gives another', async () => {
      if (!(await can('ml-kem-768'))) {
        expect(await codeOf(provider().generate(asked('ml-kem-768', 'key-agreement')))).toBe('token-cannot');
        return;
      }
      const ours = await keyOf('ml-kem-768', 'key-agreement');
      const { ciphertext, secret } = mlKemEncapsulate(readSpki(ours.publicKey ?? none)?.raw ?? none);
      const expected = await brought(new Uint8Array(hkdfSync('sha256', secret, none, none, 32)));
      const request = { from: ours.ref, derivation: 'ecdh-hkdf-sha256' as const };
      expect(await sameKey((await derive({ ...request, peer: ciphertext })).ref, expected)).toBe(true);
      const { ref: changed } = await derive({ ...request, peer: ciphertext.map((byte, index) => (index === 5 ? byte ^ 1 : byte)) });
      expect(await codeOf(sameKey(changed, expected))).toBe('decrypt-failed');
      for (const peer of [ciphertext.slice(1), none, ours.publicKey ?? none]) expect(await codeOf(derive({ ...request, peer }))).toBe('input-malformed');
    });
  });

  describe('HKDF', () => {
    test.each([['hmac-sha256', 'sha256'], ['hmac-sha384', 'sha384'], ['hmac-sha512', 'sha512']] as const)('from %s', async (algorithm, hash) => {
      const { derivations, imports } = await provider().capabilities();
      const [key, salt, info] = [random(40), random(20), random(10)];
      if (!derivations.includes('hkdf') || !imports.includes(algorithm)) {
        expect(await codeOf(keyOf('aes-256', 'data-encryption').then(({ ref }) => derive({ from: ref, derivation: 'hkdf' })))).not.toBe('none');
        return;
      }
      const { ref: from } = await provider().take({ ...asked(algorithm, 'key-derivation'), material: SecretBytes.own(new Uint8Array(key)) });
      for (const parts of [{ salt, info }, { info: none }]) {
        const expected = new Uint8Array(hkdfSync(hash, key, parts.salt ?? none, parts.info, 32));
        expect(await sameKey((await derive({ from, derivation: 'hkdf', ...parts })).ref, await brought(expected))).toBe(true);
      }
      expect(await codeOf(derive({ from, derivation: 'ecdh-raw', peer: none }))).not.toBe('none');
    });
  });
}
