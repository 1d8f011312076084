/** Keys of every kind under keys of every kind, whoever keeps them: each format opens what it made, and nothing else does. */
import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { aesKwpUnwrap } from '../../electron/vault/crypto/aesKeyWrap.ts';
import type { ProviderKey, WrapRequest } from '../../electron/vault/providers/provider.ts';
import { digestBytes } from '../../electron/vault/crypto/mechanismHash.ts';
import { algorithmFacts, mechanismsOf } from '../../shared/lifecycle/purposes.ts';
import { algorithms } from '../../shared/model/terms.ts';
import type { Algorithm, OaepHash } from '../../shared/model/terms.ts';
import { asked, bytes, codeOf, flipped, purposeOf, random } from './suiteKeys.ts';
import type { SuiteKeys } from './suiteKeys.ts';

const pairs = algorithms.filter((algorithm) => algorithmFacts[algorithm].kind === 'pair');
const none = bytes();

export function describeWrapping({ provider, keyOf, has, needing, sameKey }: SuiteKeys): void {
  const wrapsPairs = async () => {
    const { wrapsPairs: leave, unwrapsPairs: come, wrapFormats, algorithms: makes } = await provider().capabilities();
    const can = (algorithm: Algorithm) => wrapFormats.includes('aes-kwp') && leave.includes(algorithm);
    return { can, come, makes };
  };

  /** What the copy signs, the first key verifies; agreement keys sign nothing, and are compared by their public halves alone. */
  async function signsForTheOther(copy: string, first: string, algorithm: (typeof pairs)[number]): Promise<void> {
    const [mechanism] = mechanismsOf(algorithm);
    if (mechanism === undefined) return;
    const input = random(digestBytes(mechanism) ?? 50);
    const [result] = await provider().sign({ ref: copy, mechanism, inputs: [input] });
    expect(result?.ok === true && (await provider().verify({ ref: first, mechanism, input, signature: result.signature }))).toBe(true);
  }

  describe('private keys', () => {
    test.each(pairs)('%s travels as PKCS#8 under AES-KWP; the copy is the same pair and signs the same', async (algorithm) => {
      const { can, come, makes } = await wrapsPairs();
      if (!makes.includes(algorithm)) {
        expect(await codeOf(provider().generate(asked(algorithm, purposeOf(algorithm))))).not.toBe('none');
        return;
      }
      const key = await keyOf(algorithm, purposeOf(algorithm));
      if (!(await has('aes-256'))) return void expect(await codeOf(provider().generate(asked('aes-256', 'key-wrapping')))).toBe('token-cannot');
      const kek = await keyOf('aes-256', 'key-wrapping', false);
      if (!can(algorithm)) {
        expect(await codeOf(provider().wrap({ ref: key.ref, wrapper: { ref: kek.ref }, format: 'aes-kwp' }))).toBe('token-cannot');
        return;
      }
      const wrapped = await provider().wrap({ ref: key.ref, wrapper: { ref: kek.ref }, format: 'aes-kwp' });
      if (!come.includes(algorithm)) {
        expect(await codeOf(provider().unwrap({ ...asked(algorithm, purposeOf(algorithm)), wrapped, unwrapper: kek.ref, format: 'aes-kwp' }))).toBe('token-cannot');
        return;
      }
      const copy = await provider().unwrap({ ...asked(algorithm, purposeOf(algorithm)), wrapped, unwrapper: kek.ref, format: 'aes-kwp' });
      expect(copy.publicKey).toEqual(key.publicKey);
      await signsForTheOther(copy.ref, key.ref, algorithm);
      const wrong = pairs.find((other) => other !== algorithm && purposeOf(other) === purposeOf(algorithm) && come.includes(other));
      if (wrong !== undefined) expect(await codeOf(provider().unwrap({ ...asked(wrong, purposeOf(wrong)), wrapped, unwrapper: kek.ref, format: 'aes-kwp' })), `as ${wrong}`).toBe('unwrap-failed');
      for (const bad of [flipped(wrapped, 20), wrapped.slice(8), none]) expect(await codeOf(provider().unwrap({ ...asked(algorithm, purposeOf(algorithm)), wrapped: bad, unwrapper: kek.ref, format: 'aes-kwp' }))).toBe('unwrap-failed');
    });
  });

  describe('RSA-AES-KWP', () => {
    test.each(['rsa-aes-kwp-sha256', 'rsa-aes-kwp-sha1'] as const)('%s: opened by OAEP and AES-KWP in turn, as the standard has it', needing(['aes-256'], async (format) => {
      const { wrapFormats } = await provider().capabilities();
      const key = await keyOf('aes-256', 'data-encryption');
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
      if (!wrapFormats.includes(format)) {
        expect(await codeOf(provider().wrap({ ref: key.ref, wrapper: { publicKey: spki }, format }))).not.toBe('none');
        return;
      }
      const wrapped = await provider().wrap({ ref: key.ref, wrapper: { publicKey: spki }, format });
      const oaepHash = format.slice(-6) === 'sha256' ? 'sha256' : 'sha1';
      const ephemeral = new Uint8Array(privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, wrapped.subarray(0, 256)));
      expect(ephemeral).toHaveLength(32);
      expect(aesKwpUnwrap(ephemeral, wrapped.subarray(256))).toHaveLength(32);
    }));

    test.each(['rsa-aes-kwp-sha256', 'rsa-aes-kwp-sha1'] as const)('%s: private keys to a transport key and back', needing(['rsa-2048'], async (format) => {
      const { wrapFormats, unwrapFormats, wrapsPairs: leave, unwrapsPairs: come } = await provider().capabilities();
      const code = await codeOf(keyOf('rsa-2048', 'key-transport', false));
      if (code !== 'none') return void expect(code, 'its pairs open no keys').toBe('token-refused');
      const transport = await keyOf('rsa-2048', 'key-transport', false);
      const algorithm = leave.find((one) => one === 'ec-p256' && come.includes(one)) ?? leave.find((one) => come.includes(one));
      if (algorithm === undefined || !wrapFormats.includes(format) || !unwrapFormats.includes(format)) {
        expect(await codeOf(provider().unwrap({ ...asked('aes-256', 'data-encryption'), wrapped: random(296), unwrapper: transport.ref, format }))).not.toBe('none');
        return;
      }
      const key = await keyOf(algorithm, 'signature');
      const wrapped = await provider().wrap({ ref: key.ref, wrapper: { publicKey: transport.publicKey ?? none }, format });
      const copy = await provider().unwrap({ ...asked(algorithm, 'signature'), wrapped, unwrapper: transport.ref, format });
      expect(copy.publicKey).toEqual(key.publicKey);
      for (const bad of [flipped(wrapped, 20), flipped(wrapped, 300), wrapped.slice(0, -8)])
        expect(await codeOf(provider().unwrap({ ...asked(algorithm, 'signature'), wrapped: bad, unwrapper: transport.ref, format }))).toBe('unwrap-failed');
      expect(await codeOf(provider().unwrap({ ...asked(algorithm, 'signature'), wrapped: wrapped.slice(0, 200), unwrapper: transport.ref, format }))).toBe('input-malformed');
      const other = format === 'rsa-aes-kwp-sha1' ? 'rsa-aes-kwp-sha256' : 'rsa-aes-kwp-sha1';
      expect(await codeOf(provider().unwrap({ ...asked(algorithm, 'signature'), wrapped, unwrapper: transport.ref, format: other }))).toBe(unwrapFormats.includes(other) ? 'unwrap-failed' : 'token-cannot');
    }));
  });

  /** What was wrapped by all parameters opens by these, and by no other. */
  async function opensAlone(ref: string, transport: ProviderKey, wrapping: Pick<WrapRequest, 'format' | 'oaep'>): Promise<void> {
    const { format, oaep } = wrapping;
    const wrapped = await provider().wrap({ ref, wrapper: { publicKey: transport.publicKey ?? none }, ...wrapping });
    const open = (more: object) => provider().unwrap({ ...asked('aes-256', 'data-encryption'), wrapped, unwrapper: transport.ref, ...wrapping, ...more });
    const copy = await open({});
    expect(await sameKey(copy.ref, ref)).toBe(true);
    expect(await codeOf(open({ oaep: { ...oaep, label: bytes(75) } }))).toBe('unwrap-failed');
    expect(await codeOf(open({ oaep: { ...oaep, mgfHash: oaep?.mgfHash === 'sha1' ? 'sha256' : 'sha1' } }))).toBe('unwrap-failed');
    expect(await codeOf(open({ format: format === 'rsa-oaep-sha1' ? 'rsa-oaep-sha256' : 'rsa-oaep-sha1' }))).toBe('unwrap-failed');
    expect(await codeOf(open({ wrapped: flipped(wrapped, 128) }))).toBe('unwrap-failed');
  }

  describe('RSA-OAEP', () => {
    const hashes: readonly OaepHash[] = ['sha256', 'sha384', 'sha512', 'sha1'];

    test.each(hashes.flatMap((hash) => hashes.map((mgfHash) => [hash, mgfHash] as const)))('%s with MGF1 over %s, with a label and without: opens by itself alone', needing(['aes-256', 'rsa-2048'], async (hash, mgfHash) => {
      const { wrapFormats, unwrapFormats } = await provider().capabilities();
      const format = `rsa-oaep-${hash}` as const;
      const [key, transport] = [await keyOf('aes-256', 'data-encryption'), await keyOf('rsa-2048', 'key-transport', false)];
      if (!unwrapFormats.includes(format)) return void expect(await codeOf(provider().unwrap({ ...asked('aes-256', 'data-encryption'), wrapped: random(256), unwrapper: transport.ref, format }))).not.toBe('none');
      const labels = provider().kind === 'pkcs11' || !wrapFormats.includes(format) ? [] : [undefined, bytes(107, 101, 121)];
      for (const label of labels) await opensAlone(key.ref, transport, { format, oaep: { mgfHash, ...(label === undefined ? {} : { label }) } });
    }));
  });
}
