/** Keys that Strongroom made on SoftHSM, seen and used by pkcs11-tool (OpenSC) and p11tool (GnuTLS), and the other way round; openssl judges. */
import { execFileSync } from 'node:child_process';
import { createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProviderKey } from '../../electron/vault/providers/provider.ts';
import { openToken } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

const message = new TextEncoder().encode('the quick brown fox');
const digest = createHash('sha256').update(message).digest();

let token: SoftHsmToken;
let opened: OpenedToken;
const path = (name: string) => join(token.folder, name);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

beforeAll(async () => {
  token = makeSoftHsmToken();
  opened = await openToken(token);
  writeFileSync(path('message'), message);
});

afterAll(async () => {
  await opened.modules.close();
  token.remove();
});

function openscTool(...args: readonly string[]): string {
  return token.pkcs11Tool(...args);
}

/** p11tool takes the PIN from the environment, so that it asks nobody; what a test signature came to it says on standard error. */
function gnutlsTool(...args: readonly string[]): string {
  const command = ['env', `GNUTLS_PIN=${token.userPin}`, 'p11tool', '--provider', token.modulePath, '--login', '--batch', ...args];
  return token.run('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...command]).toString();
}

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Verifies a signature over the message with openssl; throws where it does not hold. */
function opensslVerifies(publicKey: Uint8Array, signature: Uint8Array, ...options: readonly string[]): void {
  writeFileSync(path('public.der'), publicKey);
  writeFileSync(path('signature'), signature);
  openssl('pkey', '-pubin', '-inform', 'DER', '-in', path('public.der'), '-out', path('public.pem'));
  expect(openssl('dgst', '-sha256', '-verify', path('public.pem'), '-signature', path('signature'), ...options, path('message'))).toContain('Verified OK');
}

const pss = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'];

function publicKeyOf(key: ProviderKey | undefined): Uint8Array {
  if (key?.publicKey === undefined) throw new Error('the public key is missing');
  return key.publicKey;
}

async function sign(ref: string, mechanism: 'rsa-pkcs1-sha256' | 'rsa-pss-sha256'): Promise<Uint8Array> {
  const [result] = await opened.provider.sign({ ref, mechanism, inputs: [digest] });
  if (result?.ok !== true) throw result?.error;
  return result.signature;
}

async function listed(label: string): Promise<ProviderKey> {
  const key = (await opened.provider.list()).find((candidate) => candidate.label === label);
  if (key === undefined) throw new Error(`the provider does not list "${label}"`);
  return key;
}

describe('keys that Strongroom made', () => {
  describe.each(['rsa-2048', 'rsa-3072', 'rsa-4096'] as const)('%s', (algorithm) => {
    let key: ProviderKey;
    beforeAll(async () => {
      key = await opened.provider.generate({ id: randomBytes(16), label: `made ${algorithm}`, algorithm, purpose: 'signature', exportable: false });
    });

    test('pkcs11-tool lists it under its label and CKA_ID', () => {
      const list = openscTool('--list-objects');
      expect(list).toContain(`made ${algorithm}`);
      expect(list).toContain(hex(key.id));
    });

    test('p11tool lists it under its URI', () => {
      const uris = gnutlsTool('--list-all', '--only-urls');
      const id = Array.from(key.id, (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
      expect(uris.toUpperCase()).toContain(`ID=${id}`.toUpperCase());
    });

    test('openssl verifies our signatures, PKCS#1 and PSS', async () => {
      opensslVerifies(publicKeyOf(key), await sign(key.ref, 'rsa-pkcs1-sha256'));
      opensslVerifies(publicKeyOf(key), await sign(key.ref, 'rsa-pss-sha256'), ...pss);
    });

    test('pkcs11-tool signs with it, and we and openssl verify', async () => {
      openscTool('--sign', '--mechanism', 'SHA256-RSA-PKCS', '--id', hex(key.id), '--input-file', path('message'), '--output-file', path('theirs'));
      const signature = new Uint8Array(readFileSync(path('theirs')));
      opensslVerifies(publicKeyOf(key), signature);
      expect(await opened.provider.verify({ ref: key.ref, mechanism: 'rsa-pkcs1-sha256', input: digest, signature })).toBe(true);
    });

    test('p11tool signs with it and exports the same public key', () => {
      expect(gnutlsTool('--test-sign', key.ref)).toMatch(/Signing using RSA-SHA256.*ok.*Verifying.*ok/s);
      const pem = gnutlsTool('--export-pubkey', key.ref.replace('type=private', 'type=public'));
      const der = Buffer.from(/-----BEGIN PUBLIC KEY-----([^-]*)-----/.exec(pem)?.[1] ?? '', 'base64');
      expect(hex(der)).toBe(hex(publicKeyOf(key)));
    });
  });

  test('an AES key is seen by both programs', async () => {
    const key = await opened.provider.generate({ id: randomBytes(16), label: 'made aes', algorithm: 'aes-256', purpose: 'data-encryption', exportable: false });
    expect(openscTool('--list-objects', '--type', 'secrkey')).toMatch(/Secret Key Object; AES length 32\s+label:\s+made aes/);
    expect(gnutlsTool('--list-all', '--only-urls').toUpperCase()).toContain('OBJECT=MADE%20AES');
    expect(key.algorithm).toBe('aes-256');
  });
});

describe('keys that pkcs11-tool made', () => {
  test('an RSA pair is listed and used', async () => {
    openscTool('--keypairgen', '--key-type', 'rsa:2048', '--id', 'a1b2', '--label', 'opensc pair', '--usage-sign');
    const key = await listed('opensc pair');
    expect(key).toMatchObject({ kind: 'pair', algorithm: 'rsa-2048', sensitive: true, exportable: false, id: Uint8Array.of(0xa1, 0xb2) });
    opensslVerifies(publicKeyOf(key), await sign(key.ref, 'rsa-pkcs1-sha256'));
    opensslVerifies(publicKeyOf(key), await sign(key.ref, 'rsa-pss-sha256'), ...pss);
  });

  test('an AES key is listed and used', async () => {
    openscTool('--keygen', '--key-type', 'AES:32', '--id', 'a1b3', '--label', 'opensc aes');
    const key = await listed('opensc aes');
    expect(key).toMatchObject({ kind: 'secret', algorithm: 'aes-256' });
    const aad = Uint8Array.of(7);
    const sealed = await opened.provider.encrypt({ ref: key.ref, plaintext: message, aad });
    expect(await (await opened.provider.decrypt({ ref: key.ref, aad, ...sealed })).consume((bytes) => hex(bytes))).toBe(hex(message));
  });

  test('a key without a CKA_ID is used by its label, as long as no other such key has it', async () => {
    openscTool('--keygen', '--key-type', 'AES:16', '--label', 'nameless');
    const key = await listed('nameless');
    expect(key.ref).toContain('object=nameless');
    const aad = new Uint8Array(0);
    const sealed = await opened.provider.encrypt({ ref: key.ref, plaintext: message, aad });
    expect(await (await opened.provider.decrypt({ ref: key.ref, aad, ...sealed })).consume((bytes) => hex(bytes))).toBe(hex(message));
    openscTool('--keygen', '--key-type', 'AES:16', '--label', 'nameless', '--id', 'a1b4');
    await opened.provider.encrypt({ ref: key.ref, plaintext: message, aad });
    openscTool('--keygen', '--key-type', 'AES:16', '--label', 'nameless');
    await expect(opened.provider.encrypt({ ref: key.ref, plaintext: message, aad })).rejects.toMatchObject({ code: 'token-ambiguous', nextStep: expect.stringContaining('CKA_ID') as string });
  });
});

describe('keys that p11tool made', () => {
  test('an RSA pair is listed and used', async () => {
    gnutlsTool(
      '--generate-rsa',
      '--bits',
      '3072',
      '--label',
      'gnutls pair',
      '--id',
      'c1c2c3',
      '--mark-sign',
      `pkcs11:token=${token.label};serial=${token.serial}`,
    );
    const key = await listed('gnutls pair');
    expect(key).toMatchObject({ kind: 'pair', algorithm: 'rsa-3072', id: Uint8Array.of(0xc1, 0xc2, 0xc3) });
    opensslVerifies(publicKeyOf(key), await sign(key.ref, 'rsa-pkcs1-sha256'));
  });
});

describe('wrapping', () => {
  test('a token key wrapped to a recipient that openssl made is opened by openssl, and is the key', async () => {
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', path('recipient.pem'));
    openssl('pkey', '-in', path('recipient.pem'), '-pubout', '-outform', 'DER', '-out', path('recipient.der'));
    const key = await opened.provider.generate({ id: randomBytes(16), label: 'to travel', algorithm: 'aes-256', purpose: 'data-encryption', exportable: true });
    const wrapped = await opened.provider.wrap({
      ref: key.ref,
      wrapper: { publicKey: new Uint8Array(readFileSync(path('recipient.der'))) },
      format: 'rsa-oaep-sha1',
    });
    writeFileSync(path('wrapped'), wrapped);
    openssl('pkeyutl', '-decrypt', '-inkey', path('recipient.pem'), '-pkeyopt', 'rsa_padding_mode:oaep', '-in', path('wrapped'), '-out', path('opened'));
    const { iv, ciphertext } = await opened.provider.encrypt({ ref: key.ref, plaintext: message, aad: new Uint8Array(0) });
    const opener = createDecipheriv('aes-256-gcm', readFileSync(path('opened')), iv).setAuthTag(ciphertext.subarray(-16));
    expect(hex(Buffer.concat([opener.update(ciphertext.subarray(0, -16)), opener.final()]))).toBe(hex(message));
  });

  test.each([
    ['aes-kw', 'id-aes256-wrap', 'A6A6A6A6A6A6A6A6'],
    ['aes-kwp', 'id-aes256-wrap-pad', 'A65959A6'],
  ] as const)('%s: what openssl wrapped is unwrapped on the token and back', async (format, cipher, iv) => {
    const transport = await opened.provider.generate({
      id: randomBytes(16),
      label: `transport ${format}`,
      algorithm: 'rsa-2048',
      purpose: 'key-transport',
      exportable: false,
    });
    const [kekBytes, keyBytes] = [randomBytes(32), randomBytes(32)];
    // The wrapping key comes in under the token's own transport key, so that both sides know it.
    writeFileSync(path('transport.der'), publicKeyOf(transport));
    writeFileSync(path('kek'), kekBytes);
    openssl(
      'pkeyutl',
      '-encrypt',
      '-pubin',
      '-keyform',
      'DER',
      '-inkey',
      path('transport.der'),
      '-pkeyopt',
      'rsa_padding_mode:oaep',
      '-in',
      path('kek'),
      '-out',
      path('kek.wrapped'),
    );
    const kek = await opened.provider.unwrap({
      id: randomBytes(16),
      label: `kek ${format}`,
      algorithm: 'aes-256',
      purpose: 'key-wrapping',
      exportable: false,
      wrapped: new Uint8Array(readFileSync(path('kek.wrapped'))),
      unwrapper: transport.ref,
      format: 'rsa-oaep-sha1',
    });
    writeFileSync(path('key'), keyBytes);
    openssl('enc', `-${cipher}`, '-K', hex(kekBytes), '-iv', iv, '-in', path('key'), '-out', path('key.wrapped'));
    const key = await opened.provider.unwrap({
      id: randomBytes(16),
      label: `key ${format}`,
      algorithm: 'aes-256',
      purpose: 'data-encryption',
      exportable: true,
      wrapped: new Uint8Array(readFileSync(path('key.wrapped'))),
      unwrapper: kek.ref,
      format,
    });
    writeFileSync(path('key.again'), await opened.provider.wrap({ ref: key.ref, wrapper: { ref: kek.ref }, format }));
    openssl('enc', '-d', `-${cipher}`, '-K', hex(kekBytes), '-iv', iv, '-in', path('key.again'), '-out', path('key.opened'));
    expect(hex(readFileSync(path('key.opened')))).toBe(hex(keyBytes));
  });
});
