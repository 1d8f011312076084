/** Wrapped keys that users have: opened through the contract to exactly what they hold, or refused in one text that gives nothing away. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Algorithm, Purpose, WrapFormat } from '../../shared/model/terms.ts';
import { caseFile, casesAreHere, expectedOf } from '../fixtures/cases.ts';
import { clearOf } from '../fixtures/clearKey.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let t: TestCore;
let count = 0;
/** Openers by the file that they came from. */
const openers = new Map<string, string>();

beforeAll(async () => {
  t = makeTestCore();
  await t.create();
});
afterAll(() => t.close());

/** The opener of a case as a key of the vault. */
async function openerOf(name: string, file: string): Promise<string> {
  const path = caseFile(name, file);
  const known = openers.get(path);
  if (known !== undefined) return known;
  const opener = `opener ${openers.size}`;
  const kek = file.endsWith('.hex');
  await t.call('key.import', { name: opener, file: t.files.read(path), purpose: kek ? 'key-wrapping' : 'key-transport', ...(kek ? { algorithm: 'aes-256' as const, secretForm: 'hex' as const } : {}) });
  openers.set(path, opener);
  return opener;
}

interface More {
  readonly format?: WrapFormat;
  readonly mgfHash?: 'sha1' | 'sha256' | 'sha512';
  readonly label?: string;
}

async function requestOf(name: string, file: string, opener: string, purpose: Purpose, algorithm: Algorithm, more: More) {
  return { name: `case ${++count}`, in: t.files.read(caseFile(name, file)), with: await openerOf(name, opener), purpose, algorithm, exportable: true, ...more };
}

const one = { code: 'unwrap-failed', message: 'the wrapped key cannot be opened' };

/** Refused, and nothing is stored. */
async function refused(...args: Parameters<typeof requestOf>) {
  const request = await requestOf(...args);
  const before = await t.call('vault.info', {});
  const error = await t.refused('key.unwrap', request);
  expect((await t.call('vault.info', {})).keys).toBe(before.keys);
  return error;
}

describe.runIf(casesAreHere)('AES-KWP and AES-KW', () => {
  test.each([['forms/12', '921711238bb7985888a25c32c5f08b'], ['forms/13', 'd24488aee62c5735f6a1d8009486b6e61d3c8d64']])('%s: a generic secret of odd length', async (name, hex) => {
    const { key } = await t.call('key.unwrap', await requestOf(name, 'wrapped.bin', 'kek.hex', 'mac', 'hmac-sha256', { format: 'aes-kwp' }));
    expect((await clearOf(t, key.name)).toString('hex')).toBe(hex);
    expect(await refused(name, 'wrapped.bin', 'kek.hex', 'data-encryption', 'aes-128', { format: 'aes-kwp' })).toMatchObject(one);
  });

  test.each(['forms/14', 'forms/15'])('%s: padding and length that lie', async (name) => {
    for (const algorithm of ['hmac-sha256', 'hmac-sha512'] as const) expect(await refused(name, 'wrapped.bin', 'kek.hex', 'mac', algorithm, { format: 'aes-kwp' })).toMatchObject(one);
  });

  test('forms/16: AES-KW is not AES-KWP', async () => {
    expect(await refused('forms/16', 'wrapped.bin', 'kek.hex', 'data-encryption', 'aes-256', { format: 'aes-kwp' })).toMatchObject(one);
    const { key } = await t.call('key.unwrap', await requestOf('forms/16', 'wrapped.bin', 'kek.hex', 'data-encryption', 'aes-256', { format: 'aes-kw' }));
    expect((await clearOf(t, key.name)).toString('hex')).toBe('c73aa8485fc092cef8925c577c36451820f99bdfac7a7c968f2ff3b19a051457');
  });

  test('reports/15: exact bytes at awkward lengths, and refusals before anything is wrapped', async () => {
    const { kek_hex: kek, vectors } = expectedOf<{ kek_hex: string; vectors: { id: string; mech: string; key_hex: string; wrapped_hex?: string; result?: string }[] }>('reports/15', 'vectors.json');
    const { aesKwpUnwrap, aesKwpWrap, aesKwUnwrap, aesKwWrap } = await import('../../electron/vault/crypto/aesKeyWrap.ts');
    for (const { id, mech, key_hex: key, wrapped_hex: wrapped } of vectors) {
      const [wrap, unwrap] = mech === 'AES-KW' ? [aesKwWrap, aesKwUnwrap] : [aesKwpWrap, aesKwpUnwrap];
      const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
      if (wrapped === undefined) expect(() => wrap(bytes(kek), bytes(key)), id).toThrow(/AES-KWP|empty|at least|expected/i);
      else {
        expect(Buffer.from(wrap(bytes(kek), bytes(key))).toString('hex'), id).toBe(wrapped);
        expect(Buffer.from(unwrap(bytes(kek), bytes(wrapped))).toString('hex'), id).toBe(key);
      }
    }
  });
});

describe.runIf(casesAreHere)('private keys under AES-KWP', () => {
  const algorithms: readonly Algorithm[] = ['ec-p256', 'ec-p384', 'ed25519', 'rsa-2048', 'x25519'];
  /** The algorithm is what the person says it is: the one that fits, of those that sign. */
  async function taken(name: string) {
    for (const algorithm of algorithms) {
      const answer = await t.core.call('key.unwrap', await requestOf(name, 'wrapped.bin', 'kek.hex', algorithm === 'x25519' ? 'key-agreement' : 'signature', algorithm, { format: 'aes-kwp' }));
      if (answer.ok) return answer.value;
    }
    throw new Error(`${name} was not taken`);
  }

  test('forms/17: zero bytes behind the DER are dropped, and that is said', async () => {
    const { key, notes } = await taken('forms/17');
    expect(notes.join()).toMatch(/6 zero bytes/);
    expect(await clearOf(t, key.name)).toHaveLength(138);
  });

  test('forms/23: Ed25519 of version 2', async () => {
    const { key } = await taken('forms/23');
    expect((await t.call('key.public', { key: key.name })).spki.slice(-64)).toBe('80ff30a9be37406cbe1c11d7dc8a34cc6b3f1e171a211dfe445f7c04de3ab7e4');
  });

  test.each([
    ['forms/25', '04b2c755cd606f3a87a6e627a79d0a08737f78430e5a53222e0e40b56dc69dfe4726d3e4f225e5016af50e194a1f543bf219f73f96e31ed391182793dfdf1b494f'],
    ['forms/27', '0495985557e6db2fe6960fca8e6ebed61a99a9ed6f244267f8e3e897e38320da8c5ed6d87e295221749ee9701bb4a744f541ebe2de15a9124d22d7d09c51ac87d4'],
  ])('%s: P-256, mended', async (name, point) => {
    const { key } = await taken(name);
    expect((await t.call('key.public', { key: key.name })).spki.endsWith(point)).toBe(true);
  });

  test.each(['forms/18', 'forms/22', 'forms/24', 'forms/26'])('%s: refused whatever it is called, in one text', async (name) => {
    for (const algorithm of algorithms) expect(await refused(name, 'wrapped.bin', 'kek.hex', algorithm === 'x25519' ? 'key-agreement' : 'signature', algorithm, { format: 'aes-kwp' })).toMatchObject({ code: 'unwrap-failed' });
  });
});

describe.runIf(casesAreHere)('under RSA', () => {
  test('forms/19: RSA-AES-KWP, and with another hash nothing', async () => {
    const { key } = await t.call('key.unwrap', await requestOf('forms/19', 'wrapped.bin', 'unwrap.pem', 'signature', 'ec-p256', { format: 'rsa-aes-kwp-sha256' }));
    expect(createHash('sha256').update(await clearOf(t, key.name)).digest('hex')).toBe('53a05f1088825695b6e01eb4fa5a644cb01228d10bfd924210dd39bf761a3c11');
    expect(await refused('forms/19', 'wrapped.bin', 'unwrap.pem', 'signature', 'ec-p256', { format: 'rsa-aes-kwp-sha1' })).toMatchObject(one);
  });

  test('forms/20: cut short is said by its length, before any private-key operation', async () => {
    const error = await refused('forms/20', 'wrapped.bin', 'unwrap.pem', 'signature', 'ec-p256', { format: 'rsa-aes-kwp-sha256' });
    expect(error.message).toContain(String(readFileSync(caseFile('forms/20', 'wrapped.bin')).length));
    expect(error).toMatchObject({ code: 'input-malformed', message: expect.stringMatching(/at least \d+ bytes/) });
  });

  test('forms/21: the label of OAEP is part of it', async () => {
    const { key } = await t.call('key.unwrap', await requestOf('forms/21', 'wrapped.bin', 'unwrap.pem', 'data-encryption', 'aes-256', { format: 'rsa-oaep-sha256', label: 'key' }));
    expect((await clearOf(t, key.name)).toString('hex')).toBe('c73aa8485fc092cef8925c577c36451820f99bdfac7a7c968f2ff3b19a051457');
    for (const more of [{}, { label: 'Key' }]) expect(await refused('forms/21', 'wrapped.bin', 'unwrap.pem', 'data-encryption', 'aes-256', { format: 'rsa-oaep-sha256', ...more })).toMatchObject(one);
  });

  test('reports/17: each opens only under its own hash, MGF1 hash and label', async () => {
    const { vectors } = expectedOf<{ vectors: { id: string; hash: 'sha1' | 'sha256'; mgf1: 'sha1' | 'sha256'; key_hex: string }[] }>('reports/17');
    const files: Record<string, string> = { a1: 'a1-sha256-mgf1sha1.bin', a2: 'a2-sha1-mgf1sha1.bin', a3: 'a3-sha256-mgf1sha256.bin' };
    const hashes = ['sha1', 'sha256'] as const;
    const tries = hashes.flatMap((as) => hashes.flatMap((mgf) => [{ as, mgf }, { as, mgf, label: 'another' }]));
    for (const { id, hash, mgf1, key_hex: bytes } of vectors)
      for (const { as, mgf, ...label } of tries) {
        const request = await requestOf('reports/17', files[id] ?? '', 'recipient-private.pem', 'data-encryption', 'aes-256', { format: `rsa-oaep-${as}`, mgfHash: mgf, ...label });
        const answer = await t.core.call('key.unwrap', request);
        expect(answer.ok, `${id} as ${as}, ${mgf}`).toBe(as === hash && mgf === mgf1 && !('label' in label));
        if (answer.ok) expect((await clearOf(t, answer.value.key.name)).toString('hex')).toBe(bytes);
        else expect(answer.error).toMatchObject(one);
      }
  });

  test('reports/17: the largest key that fits, and one byte more', async () => {
    const { size_limits: limits } = expectedOf<{ size_limits: Record<string, number> }>('reports/17');
    const { oaepLimit } = await import('../../shared/model/wrapFormats.ts');
    for (const hash of ['sha1', 'sha256', 'sha512'] as const) expect(oaepLimit(2048 / 8, hash)).toBe(limits[`rsa2048-${hash}`]);
    await t.call('recipient.add', { name: 'case 17', key: t.files.read(caseFile('reports/17', 'recipient-public.pem')) });
    for (const [bytes, fits] of [[190, true], [191, false]] as const) {
      const file = `secret-${bytes}`;
      writeFileSync(t.path(file), Buffer.alloc(bytes, 0xa5));
      await t.call('key.import', { name: file, file: t.read(file), purpose: 'mac', algorithm: 'hmac-sha256', secretForm: 'raw', exportable: true });
      const answer = await t.core.call('key.export', { key: file, to: 'case 17', acceptStrength: 112, out: t.write(`${file}.oaep`) });
      expect(answer.ok).toBe(fits);
      if (!answer.ok) expect(answer.error.message).toContain('190');
    }
  });
});
