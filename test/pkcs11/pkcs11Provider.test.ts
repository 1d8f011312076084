/** The provider on a real token, through a real child: what the shared contract does not ask of every provider. */
import { constants, createHash, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePkcs11Uri } from '../../electron/vault/providers/pkcs11/pkcs11Uri.ts';
import type { GenerateRequest, ProviderKey } from '../../electron/vault/providers/provider.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { algorithms, signatureMechanisms } from '../../shared/model/terms.ts';
import type { WrapFormat } from '../../shared/model/terms.ts';
import { openToken } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

let token: SoftHsmToken;
let opened: OpenedToken;

beforeAll(async () => {
  token = makeSoftHsmToken();
  opened = await openToken(token);
});

afterAll(async () => {
  await opened.modules.close();
  token.remove();
});

let serial = 0;
function request(more: Partial<GenerateRequest> = {}): GenerateRequest {
  serial += 1;
  return { id: randomBytes(16), label: `key ${serial}`, algorithm: 'aes-256', purpose: 'data-encryption', exportable: false, ...more };
}
const generate = (more: Partial<GenerateRequest> = {}): Promise<ProviderKey> => opened.provider.generate(request(more));

/** The attributes of an object as pkcs11-tool prints them. */
function usageOf(label: string, type: 'secrkey' | 'privkey' | 'pubkey'): string {
  const output = token.pkcs11Tool('--list-objects', '--type', type);
  return output.split(/(?=^\S)/m).find((object) => object.includes(label)) ?? '';
}

describe('a generic secret whose length is no multiple of 8 bytes', () => {
  test.each<[WrapFormat, string]>([
    ['aes-kw', 'request-invalid'],
    ['aes-kwp', 'token-cannot'],
  ])('by %s it is not wrapped with the zeros that SoftHSM puts behind it, which would make another key of it: %s', async (format, code) => {
    const wrapper = await generate({ purpose: 'key-wrapping' });
    const odd = await opened.provider.take({ ...request({ algorithm: 'hmac-sha256', purpose: 'mac', exportable: true }), material: SecretBytes.own(new Uint8Array(randomBytes(33))) });
    await expect(opened.provider.wrap({ ref: odd.ref, wrapper: { ref: wrapper.ref }, format })).rejects.toMatchObject({ code });
    const even = await opened.provider.take({ ...request({ algorithm: 'hmac-sha256', purpose: 'mac', exportable: true }), material: SecretBytes.own(new Uint8Array(randomBytes(40))) });
    expect(await opened.provider.wrap({ ref: even.ref, wrapper: { ref: wrapper.ref }, format })).toHaveLength(48);
  });
});

describe('attributes', () => {
  test('of a data-encryption key, as another program reads them', async () => {
    const { label } = await generate();
    const object = usageOf(label, 'secrkey');
    expect(object).toMatch(/Usage:\s+encrypt, decrypt$/m);
    expect(object).toMatch(/Access:\s+sensitive, always sensitive, never extractable, local/m);
  });

  test('of an exportable wrapping key', async () => {
    const { label } = await generate({ purpose: 'key-wrapping', exportable: true });
    const object = usageOf(label, 'secrkey');
    expect(object).toMatch(/Usage:\s+wrap, unwrap$/m);
    expect(object).toMatch(/Access:\s+sensitive, always sensitive, extractable, local/m);
  });

  test('of a signature key and of a transport key', async () => {
    const signer = await generate({ purpose: 'signature', algorithm: 'rsa-2048' });
    const transport = await generate({ purpose: 'key-transport', algorithm: 'rsa-2048' });
    expect(usageOf(signer.label, 'privkey')).toMatch(/Usage:\s+sign$/m);
    expect(usageOf(signer.label, 'pubkey')).toMatch(/Usage:\s+verify$/m);
    expect(usageOf(transport.label, 'privkey')).toMatch(/Usage:\s+unwrap$/m);
    expect(usageOf(transport.label, 'pubkey')).toMatch(/Usage:\s+wrap$/m);
  });

  test('a check value is given for a wrapping key by the ECB method, and never for a GCM key', async () => {
    expect((await generate({ purpose: 'key-wrapping' })).kcv).toMatchObject({ method: 'ecb' });
    expect(await generate()).not.toHaveProperty('kcv');
  });
});

describe('names', () => {
  test('a reference is an RFC 7512 URI with token, serial, id and type', async () => {
    const key = await generate({ purpose: 'signature', algorithm: 'rsa-2048' });
    expect(parsePkcs11Uri(key.ref)).toEqual({
      token: token.label,
      serial: token.serial,
      manufacturer: 'SoftHSM project',
      id: new Uint8Array(key.id),
      type: 'private',
    });
  });

  test('a label in any script is stored as UTF-8, as other programs read it', async () => {
    const key = await generate({ label: 'Schlüssel № 7 鍵 🔑' });
    expect(key.label).toBe('Schlüssel № 7 鍵 🔑');
    expect(usageOf(key.label, 'secrkey')).toContain('Schlüssel № 7 鍵 🔑');
  });

  test('a CKA_ID or label that is taken is refused before anything is made', async () => {
    const first = await generate();
    const before = (await opened.provider.list()).length;
    await expect(generate({ id: first.id })).rejects.toMatchObject({ code: 'already-exists', message: expect.stringContaining('CKA_ID') as string });
    await expect(generate({ label: first.label })).rejects.toMatchObject({ code: 'already-exists', message: expect.stringContaining('CKA_LABEL') as string });
    await expect(generate({ label: first.label, algorithm: 'rsa-2048', purpose: 'signature' })).rejects.toMatchObject({ code: 'already-exists' });
    expect((await opened.provider.list()).length).toBe(before);
  });

  test('a key of another token, one that is not there, and one without an id', async () => {
    const { ref } = await generate();
    await expect(opened.provider.find(ref.replace(token.serial, 'ffff'))).rejects.toMatchObject({ code: 'token-key-missing', field: 'ref' });
    expect(await opened.provider.find(ref.replace(/id=[^;]*/, 'id=%00%01'))).toBeUndefined();
    await expect(opened.provider.find(ref.replace(/id=[^;]*;/, ''))).rejects.toMatchObject({ code: 'token-cannot' });
    await expect(opened.provider.find('software:00')).rejects.toMatchObject({ code: 'request-invalid', field: 'ref' });
  });

  test('two keys of another program under one CKA_ID are neither used nor destroyed', async () => {
    const twice = [
      '--module',
      token.modulePath,
      '--token-label',
      token.label,
      '--login',
      '--pin',
      token.userPin,
      '--keygen',
      '--key-type',
      'AES:16',
      '--id',
      'd0d0',
    ];
    token.run('pkcs11-tool', [...twice, '--label', 'twin 1']);
    token.run('pkcs11-tool', [...twice, '--label', 'twin 2']);
    const twin = (await opened.provider.list()).find((key) => key.label === 'twin 1');
    const ref = twin?.ref ?? '';
    await expect(opened.provider.find(ref)).rejects.toMatchObject({ code: 'token-ambiguous' });
    await expect(opened.provider.encrypt({ ref, plaintext: new Uint8Array(1), aad: new Uint8Array(0) })).rejects.toMatchObject({ code: 'token-ambiguous' });
    await expect(opened.provider.destroy(ref)).rejects.toMatchObject({ code: 'token-ambiguous' });
    expect((await opened.provider.list()).filter((key) => key.label.startsWith('twin'))).toHaveLength(2);
  });
});

describe('capabilities', () => {
  test('of SoftHSM: KWP is found behind 0x210A, OAEP takes SHA-1 alone', async () => {
    const { wrapFormats, unwrapFormats, ...rest } = await opened.provider.capabilities();
    expect([...wrapFormats].sort()).toEqual(['aes-kw', 'aes-kwp', 'rsa-aes-kwp-sha1', 'rsa-oaep-sha1']);
    expect([...unwrapFormats].sort()).toEqual(['aes-kw', 'aes-kwp', 'rsa-aes-kwp-sha1', 'rsa-oaep-sha1']);
    const classic = algorithms.filter((algorithm) => !algorithm.startsWith('ml-'));
    expect(rest).toEqual({
      algorithms: classic,
      signatureMechanisms: signatureMechanisms.filter((mechanism) => mechanism !== 'ml-dsa-65'),
      aesGcm: true,
      aesCbc: true,
      macs: classic.filter((algorithm) => algorithm.startsWith('aes-') || algorithm.startsWith('hmac-')),
      derivations: ['ecdh-raw'],
      imports: classic,
      wrapsPairs: classic.filter((algorithm) => /^(rsa|ec)-/.test(algorithm)),
      unwrapsPairs: classic.filter((algorithm) => /^(rsa|ec)-/.test(algorithm)),
    });
  });

  test('the probe leaves nothing on the token', async () => {
    const refs = (keys: readonly ProviderKey[]) => keys.map((key) => key.ref).sort();
    const before = refs(await opened.provider.list());
    const again = await openToken(token);
    await again.provider.capabilities();
    expect(refs(await again.provider.list())).toEqual(before);
    await again.modules.close();
  });

  test('what the token cannot do says what it can', async () => {
    const key = await generate({ exportable: true });
    const transport = await generate({ purpose: 'key-transport', algorithm: 'rsa-2048' });
    await expect(opened.provider.wrap({ ref: key.ref, wrapper: { ref: transport.ref }, format: 'rsa-oaep-sha256' })).rejects.toMatchObject({
      code: 'token-cannot',
      nextStep: 'choose one of aes-kw, aes-kwp, rsa-oaep-sha1, rsa-aes-kwp-sha1',
    });
  });
});

describe('KEY-EXPORT-1', () => {
  test('a key that is not extractable does not leave, and the refusal names the attribute', async () => {
    const [key, kek] = [await generate(), await generate({ purpose: 'key-wrapping' })];
    await expect(opened.provider.wrap({ ref: key.ref, wrapper: { ref: kek.ref }, format: 'aes-kw' })).rejects.toMatchObject({
      code: 'refused',
      rule: 'KEY-EXPORT-1',
      message: expect.stringContaining('CKA_EXTRACTABLE') as string,
    });
  });

  test('a key that was imported as not exportable does not leave again', async () => {
    const [key, kek] = [await generate({ exportable: true }), await generate({ purpose: 'key-wrapping' })];
    const wrapped = await opened.provider.wrap({ ref: key.ref, wrapper: { ref: kek.ref }, format: 'aes-kw' });
    const back = await opened.provider.unwrap({ ...request(), wrapped, unwrapper: kek.ref, format: 'aes-kw' });
    await expect(opened.provider.wrap({ ref: back.ref, wrapper: { ref: kek.ref }, format: 'aes-kw' })).rejects.toMatchObject({ rule: 'KEY-EXPORT-1' });
  });

  test('a pair that is not extractable does not leave either', async () => {
    const [pair, kek] = [await generate({ algorithm: 'ec-p256', purpose: 'signature' }), await generate({ purpose: 'key-wrapping' })];
    await expect(opened.provider.wrap({ ref: pair.ref, wrapper: { ref: kek.ref }, format: 'aes-kwp' })).rejects.toMatchObject({ rule: 'KEY-EXPORT-1' });
  });
});

describe('unwrapping', () => {
  const formats = ['aes-kw', 'aes-kwp', 'rsa-oaep-sha1'] as const;

  test.each(formats)(
    '%s: a blob of another length than was asked for, one that was changed and one that is noise have one code and one text',
    async (format) => {
      const purpose = format.startsWith('rsa') ? ({ purpose: 'key-transport', algorithm: 'rsa-2048' } as const) : ({ purpose: 'key-wrapping' } as const);
      const [short, by] = [await generate({ algorithm: 'aes-128', exportable: true }), await generate(purpose)];
      const wrapped = await opened.provider.wrap({ ref: short.ref, wrapper: { ref: by.ref }, format });
      const changed = new Uint8Array(wrapped);
      changed[3] = (changed[3] ?? 0) ^ 1;
      const before = (await opened.provider.list()).length;
      const errors: unknown[] = [];
      for (const blob of [wrapped, changed, new Uint8Array(wrapped.length), wrapped.slice(1)]) {
        errors.push(
          await opened.provider.unwrap({ ...request({ algorithm: 'aes-256' }), wrapped: blob, unwrapper: by.ref, format }).catch((error: unknown) => error),
        );
      }
      for (const error of errors) expect(error).toMatchObject({ code: 'unwrap-failed', message: 'the wrapped key cannot be opened' });
      expect((await opened.provider.list()).length, 'nothing was left on the token').toBe(before);
    },
  );
});

test.each([1, 8, 17, 20, 40, 64])('a blob that holds %i bytes is not taken for an AES key, and nothing is left on the token', async (length) => {
  const transport = await generate({ purpose: 'key-transport', algorithm: 'rsa-2048' });
  const key = createPublicKey({ key: Buffer.from(transport.publicKey ?? []), type: 'spki', format: 'der' });
  const wrapped = publicEncrypt({ key, oaepHash: 'sha1', padding: constants.RSA_PKCS1_OAEP_PADDING }, randomBytes(length));
  const before = (await opened.provider.list()).length;
  await expect(opened.provider.unwrap({ ...request(), wrapped, unwrapper: transport.ref, format: 'rsa-oaep-sha1' })).rejects.toMatchObject({
    code: 'unwrap-failed',
  });
  expect((await opened.provider.list()).length).toBe(before);
});

describe('decryption', () => {
  test('any change of ciphertext, tag, IV or data beside it has one code and one text', async () => {
    const { ref } = await generate();
    const aad = Uint8Array.of(1, 2, 3);
    const good = await opened.provider.encrypt({ ref, plaintext: new TextEncoder().encode('attack at dawn'), aad });
    const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
    const bad = [
      { ...good, aad, ciphertext: flip(good.ciphertext, 0) },
      { ...good, aad, ciphertext: flip(good.ciphertext, good.ciphertext.length - 1) },
      { ...good, aad, iv: flip(good.iv, 5) },
      { ...good, aad: flip(aad, 1) },
      { ...good, aad, ciphertext: good.ciphertext.slice(0, -1) },
    ];
    for (const one of bad)
      await expect(opened.provider.decrypt({ ref, ...one })).rejects.toMatchObject({ code: 'decrypt-failed', message: 'the data cannot be decrypted' });
    const plaintext = await opened.provider.decrypt({ ref, ...good, aad });
    expect(new TextDecoder().decode(plaintext.expose())).toBe('attack at dawn');
  });
});

describe('destruction', () => {
  test('takes both halves of a pair, proves it, and takes nothing else', async () => {
    const [pair, other] = [await generate({ algorithm: 'rsa-2048', purpose: 'signature' }), await generate()];
    expect(await opened.provider.destroy(pair.ref)).toEqual({ objectsDestroyed: 2, absentAfter: true });
    expect(await opened.provider.find(pair.ref)).toBeUndefined();
    expect(await opened.provider.find(other.ref)).toMatchObject({ label: other.label });
    const digests = [createHash('sha256').digest()];
    const [result] = await opened.provider.sign({ ref: pair.ref, mechanism: 'rsa-pkcs1-sha256', inputs: digests }).catch((error: unknown) => [{ ok: false, error }]);
    expect(result).toMatchObject({ ok: false, error: { code: 'token-key-missing' } });
    await expect(opened.provider.destroy(pair.ref)).rejects.toMatchObject({ code: 'token-key-missing' });
  });

  test('a key that another program destroyed is missing, and was not cached', async () => {
    const pair = await generate({ algorithm: 'rsa-2048', purpose: 'signature' });
    const sign = () => opened.provider.sign({ ref: pair.ref, mechanism: 'rsa-pss-sha256', inputs: [createHash('sha256').digest()] });
    expect((await sign())[0]).toMatchObject({ ok: true });
    for (const type of ['privkey', 'pubkey']) {
      token.run('pkcs11-tool', [
        '--module',
        token.modulePath,
        '--token-label',
        token.label,
        '--login',
        '--pin',
        token.userPin,
        '--delete-object',
        '--type',
        type,
        '--label',
        pair.label,
      ]);
    }
    expect((await sign())[0]).toMatchObject({ ok: false, error: { code: 'token-key-missing' } });
  });
});

test('a key that asks for the PIN before each use is asked for once, and costs no login', async () => {
  token.run('pkcs11-tool', [
    '--module',
    token.modulePath,
    '--token-label',
    token.label,
    '--login',
    '--pin',
    token.userPin,
    '--keypairgen',
    '--key-type',
    'rsa:2048',
    '--id',
    'aaaa',
    '--label',
    'always',
    '--always-auth',
    '--usage-sign',
  ]);
  const before = opened.questions.length;
  const key = (await opened.provider.list()).find(({ label }) => label === 'always');
  const [result] = await opened.provider.sign({ ref: key?.ref ?? '', mechanism: 'rsa-pkcs1-sha256', inputs: [createHash('sha256').digest()] });
  expect(result).toMatchObject({ ok: true });
  await opened.provider.list();
  expect(opened.questions.slice(before)).toMatchObject([{ forOneUse: { key: 'always', number: 1, count: 1 } }]);
});

describe('batches', () => {
  test('a thousand signatures in one call, each of its own digest', async () => {
    const { ref } = await generate({ algorithm: 'rsa-2048', purpose: 'signature' });
    const digests = Array.from({ length: 1000 }, (_, index) => createHash('sha256').update(String(index)).digest());
    const results = await opened.provider.sign({ ref, mechanism: 'rsa-pkcs1-sha256', inputs: digests });
    expect(results).toHaveLength(1000);
    for (const index of [0, 499, 999]) {
      const [result, digest] = [results[index], digests[index]];
      if (result?.ok !== true || digest === undefined) throw new Error('a signature is missing');
      expect(await opened.provider.verify({ ref, mechanism: 'rsa-pkcs1-sha256', input: digest, signature: result.signature })).toBe(true);
    }
  });

  test('a batch that takes longer than the limit of one call is alive as long as it says so', async () => {
    const quick = await openToken(token, { limits: { call: 1_000 } });
    const { ref } = await generate({ algorithm: 'rsa-4096', purpose: 'signature' });
    const digests = Array.from({ length: 400 }, () => createHash('sha256').digest());
    const started = performance.now();
    const results = await quick.provider.sign({ ref, mechanism: 'rsa-pss-sha256', inputs: digests });
    expect(performance.now() - started, 'the batch was long enough to show it').toBeGreaterThan(1_000);
    expect(results.every((result) => result.ok)).toBe(true);
    await quick.modules.close();
  });
});
