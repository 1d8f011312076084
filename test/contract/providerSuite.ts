/** One suite for every key provider: what the interface promises, whoever keeps it. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pssSaltLength, verifyRsaDigest } from '../../electron/vault/crypto/rsaVerify.ts';
import { readSpki } from '../../electron/vault/crypto/spki.ts';
import { verifySignature } from '../../electron/vault/crypto/verifySignature.ts';
import type { KeyProvider } from '../../electron/vault/providers/provider.ts';
import { digestBytes } from '../../electron/vault/crypto/mechanismHash.ts';
import { algorithmFacts, mechanismsOf } from '../../shared/lifecycle/purposes.ts';
import { algorithms } from '../../shared/model/terms.ts';
import { describeAgreement } from './agreementSuite.ts';
import { describeMacs } from './macSuite.ts';
import { asked, bytes, codeOf, flipped, made, opened, purposeOf, suiteKeys } from './suiteKeys.ts';
import type { Subject } from './suiteKeys.ts';
import { describeWrapping } from './wrappingSuite.ts';

export function describeProvider(name: string, makeSubject: () => Promise<Subject>): void {
  describe(`provider ${name}`, () => {
    let subject: Subject;
    let provider: KeyProvider;
    const keys = suiteKeys(() => subject);
    const { keyOf, has, needing, sameKey } = keys;
    const makes = async (algorithm: (typeof algorithms)[number]) => (await provider.capabilities()).algorithms.includes(algorithm);

    beforeAll(async () => {
      subject = await makeSubject();
      ({ provider } = subject);
    }, 60_000);
    afterAll(() => subject.close());

    test.each(algorithms)('generates %s and lists it as what it is, or says that it cannot', async (algorithm) => {
      const purpose = purposeOf(algorithm);
      if (!(await makes(algorithm))) {
        expect(await codeOf(provider.generate(asked(algorithm, purpose)))).toBe('token-cannot');
        return;
      }
      const { kind } = algorithmFacts[algorithm];
      const key = await keyOf(algorithm, purpose);
      expect(key).toMatchObject({ algorithm, kind, sensitive: true });
      expect(await provider.find(key.ref)).toMatchObject({ ref: key.ref, label: key.label });
      expect((await provider.list()).map(({ ref }) => ref)).toContain(key.ref);
      expect(key.publicKey === undefined ? undefined : readSpki(key.publicKey)?.kind).toBe(kind === 'secret' ? undefined : algorithm.replace(/^rsa-\d+$/, 'rsa'));
    });

    test('refuses an id and a label that are taken', async () => {
      const algorithm = (await provider.capabilities()).algorithms[0];
      if (algorithm === undefined) return void expect(await codeOf(provider.generate(asked('rsa-2048', 'signature')))).toBe('token-cannot');
      const request = asked(algorithm, purposeOf(algorithm));
      await made(provider, request);
      expect(await codeOf(provider.generate({ ...request, label: 'another' }))).toBe('already-exists');
      expect(await codeOf(provider.generate({ ...request, id: new Uint8Array(randomBytes(16)) }))).toBe('already-exists');
    });

    test('refuses an algorithm that does not serve the purpose', async () => {
      expect(await codeOf(provider.generate(asked('aes-256', 'signature')))).not.toBe('none');
      expect(await codeOf(provider.generate(asked('rsa-2048', 'data-encryption')))).not.toBe('none');
    });

    const signing = algorithms.flatMap((algorithm) => mechanismsOf(algorithm).map((mechanism) => [algorithm, mechanism] as const));
    test.each(signing)('%s signs and verifies by %s, or says that it cannot', async (algorithm, mechanism) => {
      const { signatureMechanisms } = await provider.capabilities();
      if (!(await has(algorithm)) || !signatureMechanisms.includes(mechanism)) {
        const attempt = keyOf(algorithm, 'signature').then(async ({ ref }) => {
          const [result] = await provider.sign({ ref, mechanism, inputs: [new Uint8Array(32)] });
          if (result?.ok !== true) throw result?.error;
        });
        expect(await codeOf(attempt)).not.toBe('none');
        return;
      }
      const { ref, publicKey = bytes() } = await keyOf(algorithm, 'signature');
      const input = digestBytes(mechanism) === undefined ? new Uint8Array(randomBytes(1000)) : new Uint8Array(createHash(mechanism.slice(-6)).update('signed').digest());
      const [result] = await provider.sign({ ref, mechanism, inputs: [input] });
      if (result?.ok !== true) throw result?.error;
      const { signature } = result;
      expect(verifySignature(publicKey, mechanism, input, signature)).toMatchObject({ valid: true });
      expect(await provider.verify({ ref, mechanism, input, signature })).toBe(true);
      expect(await provider.verify({ ref, mechanism, input: flipped(input, 0), signature })).toBe(false);
      for (const at of [9, signature.length - 1]) expect(await provider.verify({ ref, mechanism, input, signature: flipped(signature, at) })).toBe(false);
      expect(await provider.verify({ ref, mechanism, input, signature: signature.slice(1) })).toBe(false);
    });

    test('RSA-PSS takes the salt length that is asked for', needing(['rsa-2048', 'rsa-pss-sha256'], async () => {
      const { ref, publicKey = bytes() } = await keyOf('rsa-2048', 'signature');
      const input = new Uint8Array(createHash('sha256').update('salted').digest());
      for (const saltLength of [0, 20, 32, 222]) {
        const [result] = await provider.sign({ ref, mechanism: 'rsa-pss-sha256', inputs: [input], saltLength });
        if (result?.ok !== true) throw result?.error;
        expect(pssSaltLength(publicKey, 'rsa-pss-sha256', input, result.signature)).toBe(saltLength);
        expect(await provider.verify({ ref, mechanism: 'rsa-pss-sha256', input, signature: result.signature, saltLength })).toBe(true);
        expect(await provider.verify({ ref, mechanism: 'rsa-pss-sha256', input, signature: result.signature, saltLength: saltLength + 1 })).toBe(false);
      }
      const tooLong = await provider.sign({ ref, mechanism: 'rsa-pss-sha256', inputs: [input], saltLength: 223 }).catch(() => []);
      expect(tooLong.some(({ ok }) => ok)).toBe(false);
    }));

    test('signs a batch in order, and one bad item fails alone', needing(['rsa-2048'], async () => {
      const { ref, publicKey } = await keyOf('rsa-2048', 'signature');
      const digests = Array.from({ length: 40 }, (_, index) => new Uint8Array(createHash('sha256').update(String(index)).digest()));
      const results = await provider.sign({ ref, mechanism: 'rsa-pkcs1-sha256', inputs: digests });
      expect(results.every((result, index) => result.ok && verifyRsaDigest(publicKey ?? bytes(), 'rsa-pkcs1-sha256', digests[index] ?? bytes(), result.signature))).toBe(true);
    }));

    test.each(['aes-128', 'aes-192', 'aes-256'] as const)('%s encrypts and decrypts by GCM, with a new IV each time', needing((algorithm) => [algorithm, 'aes-gcm'], async (algorithm) => {
      const { ref } = await keyOf(algorithm, 'data-encryption');
      const [plaintext, aad] = [new Uint8Array(randomBytes(100)), bytes(1, 2, 3)];
      const first = await provider.encrypt({ ref, plaintext, aad });
      const second = await provider.encrypt({ ref, plaintext, aad });
      expect(Buffer.from(first.iv)).not.toEqual(Buffer.from(second.iv));
      expect(first.ciphertext).toHaveLength(116);
      const opened = await provider.decrypt({ ref, aad, ...first });
      expect(Buffer.from(opened.expose())).toEqual(Buffer.from(plaintext));
      opened.wipe();
      const changed = first.ciphertext.map((byte, index) => (index === 50 ? byte ^ 1 : byte));
      for (const wrong of [{ ...first, aad: bytes(1) }, { ...first, aad, ciphertext: changed }, { ...second, aad, ciphertext: first.ciphertext }, { ...first, aad, ciphertext: first.ciphertext.slice(0, 10) }])
        expect(await codeOf(provider.decrypt({ ref, ...wrong }))).toBe('decrypt-failed');
    }));

    test.each(['aes-kw', 'aes-kwp'] as const)('wraps and unwraps by %s; the copy is the same key', needing((format) => ['aes-256', format], async (format) => {
      const key = await keyOf('aes-256', 'data-encryption');
      const kek = await keyOf('aes-256', 'key-wrapping', false);
      const wrapped = await provider.wrap({ ref: key.ref, wrapper: { ref: kek.ref }, format });
      expect(wrapped).toHaveLength(40);
      const copy = await provider.unwrap({ ...asked('aes-256', 'data-encryption'), wrapped, unwrapper: kek.ref, format });
      const sealed = await provider.encrypt({ ref: key.ref, plaintext: bytes(7), aad: bytes() });
      expect([...(await provider.decrypt({ ref: copy.ref, aad: bytes(), ...sealed })).expose()]).toEqual([7]);
      const broken = wrapped.map((byte, index) => (index === 20 ? byte ^ 1 : byte));
      for (const bad of [broken, wrapped.slice(8), new Uint8Array(0)])
        expect(await codeOf(provider.unwrap({ ...asked('aes-256', 'data-encryption'), wrapped: bad, unwrapper: kek.ref, format }))).toBe('unwrap-failed');
      expect(await codeOf(provider.unwrap({ ...asked('aes-128', 'data-encryption'), wrapped, unwrapper: kek.ref, format })), 'another length than was asked for').toBe('unwrap-failed');
    }));

    test('wraps to an RSA public key, and opens what was wrapped to its transport key', needing(['aes-256', 'rsa-2048'], async () => {
      const key = await keyOf('aes-256', 'data-encryption');
      const transport = await keyOf('rsa-2048', 'key-transport', false);
      const { wrapFormats, unwrapFormats } = await provider.capabilities();
      const formats = (['rsa-oaep-sha256', 'rsa-oaep-sha1'] as const).filter((format) => wrapFormats.includes(format) && unwrapFormats.includes(format));
      if (formats.length === 0) return void expect(await codeOf(provider.wrap({ ref: key.ref, wrapper: { publicKey: transport.publicKey ?? bytes() }, format: 'rsa-oaep-sha256' }))).toBe('token-cannot');
      for (const format of formats) {
        const wrapped = await provider.wrap({ ref: key.ref, wrapper: { publicKey: transport.publicKey ?? bytes() }, format });
        expect(wrapped).toHaveLength(256);
        const opening = opened(provider, { ...asked('aes-256', 'data-encryption'), wrapped, unwrapper: transport.ref, format });
        // Nothing is kept on a token that neither tells the length of what it unwrapped nor has AES-KW to measure it by, or that stores it as not sensitive.
        if (!wrapFormats.includes('aes-kw') && ['token-cannot', 'token-refused'].includes(await codeOf(opening))) continue;
        const copy = await opening;
        expect(await sameKey(copy.ref, key.ref)).toBe(true);
        expect(await codeOf(provider.unwrap({ ...asked('aes-256', 'data-encryption'), wrapped: wrapped.map((byte) => byte ^ 1), unwrapper: transport.ref, format }))).toBe('unwrap-failed');
      }
    }));

    test('KEY-EXPORT-1: a key that was made to stay is not wrapped', needing(['aes-256'], async () => {
      const key = await keyOf('aes-256', 'data-encryption', false);
      const kek = await keyOf('aes-256', 'key-wrapping', false);
      await expect(provider.wrap({ ref: key.ref, wrapper: { ref: kek.ref }, format: 'aes-kwp' })).rejects.toMatchObject({ code: 'refused', rule: 'KEY-EXPORT-1' });
    }));

    test('a key does what its purpose says and no more', needing(['aes-256', 'rsa-2048'], async () => {
      const [cipher, kek, transport] = [await keyOf('aes-256', 'data-encryption'), await keyOf('aes-256', 'key-wrapping', false), await keyOf('rsa-2048', 'key-transport', false)];
      const digest = new Uint8Array(32);
      expect(await codeOf(provider.encrypt({ ref: kek.ref, plaintext: bytes(1), aad: bytes() }))).not.toBe('none');
      expect(await codeOf(provider.wrap({ ref: cipher.ref, wrapper: { ref: cipher.ref }, format: 'aes-kwp' }))).not.toBe('none');
      const signed = await provider.sign({ ref: transport.ref, mechanism: 'rsa-pkcs1-sha256', inputs: [digest] }).catch(() => []);
      expect(signed.some((result) => result.ok)).toBe(false);
    }));

    test('destroys one key and proves it; the other keys are left', async () => {
      const others = (await provider.list()).length;
      if (!(await makes('rsa-2048'))) return void expect(await codeOf(provider.generate(asked('rsa-2048', 'signature')))).toBe('token-cannot');
      const key = await made(provider, asked('rsa-2048', 'signature'));
      expect(await provider.destroy(key.ref)).toMatchObject({ absentAfter: true });
      expect(await provider.find(key.ref)).toBeUndefined();
      expect(await provider.list()).toHaveLength(others);
      const useIt = async () => {
        const [result] = await provider.sign({ ref: key.ref, mechanism: 'rsa-pkcs1-sha256', inputs: [new Uint8Array(32)] });
        if (result?.ok === false) throw result.error;
      };
      expect(await codeOf(useIt())).toBe('token-key-missing');
      expect(await codeOf(provider.destroy(key.ref))).toBe('token-key-missing');
    });

    describeMacs(keys);
    describeAgreement(keys);
    describeWrapping(keys);
  });
}
