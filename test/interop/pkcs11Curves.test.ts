/** Curves, MACs and private keys of SoftHSM between Strongroom and pkcs11-tool (OpenSC), p11tool (GnuTLS) and openssl, both ways. */
import { execFileSync } from 'node:child_process';
import { createECDH, createHash, createHmac, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { writeSpki } from '../../electron/vault/crypto/spki.ts';
import { writeDer, writeUnsigned } from '../../electron/vault/crypto/derWriter.ts';
import type { GenerateRequest, ProviderKey } from '../../electron/vault/providers/provider.ts';
import type { SignatureMechanism } from '../../shared/model/terms.ts';
import { openToken } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

const message = new TextEncoder().encode('the quick brown fox');
let token: SoftHsmToken;
let opened: OpenedToken;
const path = (name: string) => join(token.folder, name);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const openscTool = (...args: readonly string[]) => token.pkcs11Tool(...args);

function asked(more: Partial<GenerateRequest>): GenerateRequest {
  return { id: randomBytes(16), label: `key ${hex(randomBytes(4))}`, algorithm: 'ec-p256', purpose: 'signature', exportable: false, ...more };
}

beforeAll(async () => {
  token = makeSoftHsmToken();
  opened = await openToken(token);
  writeFileSync(path('message'), message);
});
afterAll(async () => {
  await opened.modules.close();
  token.remove();
});

async function sign({ ref }: ProviderKey, mechanism: SignatureMechanism, input: Uint8Array): Promise<Uint8Array> {
  const [result] = await opened.provider.sign({ ref, mechanism, inputs: [input] });
  if (result?.ok !== true) throw result?.error;
  return result.signature;
}

/** P1363 as the DER that openssl wants. */
function der(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  return writeDer(0x30, writeUnsigned(signature.subarray(0, half)), writeUnsigned(signature.subarray(half)));
}

function opensslVerifies(publicKey: Uint8Array | undefined, input: Uint8Array, signature: Uint8Array, ...more: readonly string[]): void {
  writeFileSync(path('public.pem'), createPublicKey({ key: Buffer.from(publicKey ?? []), format: 'der', type: 'spki' }).export({ format: 'pem', type: 'spki' }));
  writeFileSync(path('input'), input);
  writeFileSync(path('signature'), signature);
  expect(openssl('pkeyutl', '-verify', '-pubin', '-inkey', path('public.pem'), '-in', path('input'), '-sigfile', path('signature'), ...more).toString()).toContain('Verified Successfully');
}

const curves = [
  ['ec-p256', 'EC:prime256v1', 'ecdsa-sha256', 'sha256'],
  ['ec-p384', 'EC:secp384r1', 'ecdsa-sha384', 'sha384'],
  ['ec-p521', 'EC:secp521r1', 'ecdsa-sha512', 'sha512'],
] as const;

describe.each(curves)('%s', (algorithm, kind, mechanism, hash) => {
  const digest = createHash(hash).update(message).digest();

  test('ours: openssl verifies, pkcs11-tool signs with it and we verify, p11tool signs with it', async () => {
    const key = await opened.provider.generate(asked({ algorithm }));
    opensslVerifies(key.publicKey, digest, der(await sign(key, mechanism, digest)));
    writeFileSync(path('digest'), digest);
    openscTool('--sign', '--mechanism', 'ECDSA', '--id', hex(key.id), '--input-file', path('digest'), '--output-file', path('theirs'));
    expect(await opened.provider.verify({ ref: key.ref, mechanism, input: digest, signature: new Uint8Array(readFileSync(path('theirs'))) })).toBe(true);
    const said = token.run('sh', ['-c', 'exec "$@" 2>&1', 'sh', 'env', `GNUTLS_PIN=${token.userPin}`, 'p11tool', '--provider', token.modulePath, '--login', '--batch', '--test-sign', key.ref]).toString();
    expect(said).toMatch(/Verifying.*ok/s);
  });

  test('theirs: listed as what it is, and used', async () => {
    openscTool('--keypairgen', '--key-type', kind, '--id', 'e1', '--label', `opensc ${algorithm}`, '--usage-sign');
    const key = (await opened.provider.list()).find(({ label }) => label === `opensc ${algorithm}`);
    expect(key).toMatchObject({ algorithm, kind: 'pair' });
    if (key !== undefined) opensslVerifies(key.publicKey, digest, der(await sign(key, mechanism, digest)));
    openscTool('--delete-object', '--type', 'privkey', '--id', 'e1');
    openscTool('--delete-object', '--type', 'pubkey', '--id', 'e1');
  });

  test('a digest longer than the order is cut to it, as FIPS 186-5 has it', async () => {
    const key = await opened.provider.generate(asked({ algorithm }));
    const long = createHash('sha512').update(message).digest();
    opensslVerifies(key.publicKey, long, der(await sign(key, 'ecdsa-sha512', long)));
  });
});

test('Ed25519: openssl verifies ours', async () => {
  const key = await opened.provider.generate(asked({ algorithm: 'ed25519' }));
  opensslVerifies(key.publicKey, message, await sign(key, 'ed25519', message), '-rawin');
});

describe('HMAC', () => {
  test.each([['hmac-sha256', 'SHA256-HMAC'], ['hmac-sha384', 'SHA384-HMAC'], ['hmac-sha512', 'SHA512-HMAC']] as const)('%s: pkcs11-tool makes the same tag with our key', async (algorithm, mechanism) => {
    const key = await opened.provider.generate(asked({ algorithm, purpose: 'mac' }));
    openscTool('--sign', '--mechanism', mechanism, '--id', hex(key.id), '--input-file', path('message'), '--output-file', path('tag'));
    expect(hex(await opened.provider.mac({ ref: key.ref, message }))).toBe(hex(readFileSync(path('tag'))));
  });

  test('a key that was brought makes the tags that it made before', async () => {
    const secret = randomBytes(48);
    const { ref } = await opened.provider.take({ ...asked({ algorithm: 'hmac-sha256', purpose: 'mac' }), material: SecretBytes.take(new Uint8Array(secret)) });
    expect(hex(await opened.provider.mac({ ref, algorithm: 'hmac-sha256', message }))).toBe(createHmac('sha256', secret).update(message).digest('hex'));
  });
});

describe('a private key that openssl made is brought to the token', () => {
  const makers = [
    ['rsa-2048', 'rsa-pss-sha256', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
    ['ec-p384', 'ecdsa-sha384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-pkeyopt', 'ec_param_enc:named_curve']],
    ['ed25519', 'ed25519', ['-algorithm', 'ED25519']],
  ] as const;

  test.each(makers)('%s', async (algorithm, mechanism, args) => {
    const pkcs8 = createPrivateKey(openssl('genpkey', ...args)).export({ format: 'der', type: 'pkcs8' });
    const spki = createPublicKey({ key: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) }).export({ format: 'der', type: 'spki' });
    const key = await opened.provider.take({ ...asked({ algorithm }), material: SecretBytes.take(new Uint8Array(pkcs8)) });
    expect(hex(key.publicKey ?? new Uint8Array(0))).toBe(hex(spki));
    expect(await opened.provider.find(key.ref)).toMatchObject({ algorithm, exportable: false, sensitive: true });
    const input = mechanism === 'ed25519' ? message : createHash(mechanism.slice(-6)).update(message).digest();
    const signature = await sign(key, mechanism, input);
    expect(await opened.provider.verify({ ref: key.ref, mechanism, input, signature })).toBe(true);
  });

  test('what is no key, or one of another kind, makes nothing', async () => {
    const before = (await opened.provider.list()).length;
    const ed25519 = createPrivateKey(openssl('genpkey', '-algorithm', 'ED25519')).export({ format: 'der', type: 'pkcs8' });
    for (const material of [new Uint8Array(0), randomBytes(48), ed25519.subarray(1)])
      await expect(opened.provider.take({ ...asked({ algorithm: 'ec-p256' }), material: SecretBytes.take(new Uint8Array(material)) })).rejects.toMatchObject({ code: 'input-malformed' });
    await expect(opened.provider.take({ ...asked({ algorithm: 'ec-p256' }), material: SecretBytes.take(new Uint8Array(ed25519)) })).rejects.toMatchObject({ code: 'input-malformed' });
    expect(await opened.provider.list()).toHaveLength(before);
  });
});

describe('RSA-AES-KWP to a recipient of openssl', () => {
  function opens(wrapped: Uint8Array, hash: 'sha1' | 'sha256'): Buffer {
    writeFileSync(path('first'), wrapped.subarray(0, 256));
    writeFileSync(path('second'), wrapped.subarray(256));
    const aes = openssl('pkeyutl', '-decrypt', '-inkey', path('recipient.pem'), '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', `rsa_oaep_md:${hash}`, '-in', path('first'));
    return openssl('enc', '-d', '-id-aes256-wrap-pad', '-K', hex(aes), '-iv', 'A65959A6', '-in', path('second'));
  }
  let publicKey: Uint8Array;
  beforeAll(() => {
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', path('recipient.pem'));
    publicKey = new Uint8Array(openssl('pkey', '-in', path('recipient.pem'), '-pubout', '-outform', 'DER'));
  });

  test.each(['rsa-2048', 'ec-p256'] as const)('%s from inside the token: it is the key, and the zeros behind it are told', async (algorithm) => {
    const key = await opened.provider.generate(asked({ algorithm, exportable: true }));
    const notes: string[] = [];
    const wrapped = await opened.provider.wrap({ ref: key.ref, wrapper: { publicKey }, format: 'rsa-aes-kwp-sha1', tell: (note) => notes.push(note) });
    const blob = opens(wrapped, 'sha1');
    expect(notes.join()).toContain('zeros behind the PKCS#8');
    expect(blob.length % 8).toBe(0);
    const own = createPublicKey({ key: createPrivateKey({ key: blob, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) });
    expect(hex(own.export({ format: 'der', type: 'spki' }))).toBe(hex(key.publicKey ?? new Uint8Array(0)));
  });

  test.each(['rsa-2048', 'ec-p256'] as const)('%s by an ephemeral key of this computer, asked for by name: any hash, and the PKCS#8 alone', async (algorithm) => {
    const key = await opened.provider.generate(asked({ algorithm, exportable: true }));
    const request = { ref: key.ref, wrapper: { publicKey }, format: 'rsa-aes-kwp-sha256' } as const;
    await expect(opened.provider.wrap(request)).rejects.toMatchObject({ code: 'token-cannot' });
    const notes: string[] = [];
    const blob = opens(await opened.provider.wrap({ ...request, ephemeral: 'computer', tell: (note) => notes.push(note) }), 'sha256');
    expect(notes).toEqual([]);
    expect(2 + ((blob[1] ?? 0) < 0x80 ? (blob[1] ?? 0) : blob.readUInt16BE(2) + 2)).toBe(blob.length);
    const own = createPublicKey({ key: createPrivateKey({ key: blob, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) });
    expect(hex(own.export({ format: 'der', type: 'spki' }))).toBe(hex(key.publicKey ?? new Uint8Array(0)));
  });

  test('KEY-EXPORT-1: neither way for a key that was made to stay', async () => {
    const { ref } = await opened.provider.generate(asked({}));
    for (const ephemeral of ['place', 'computer'] as const) await expect(opened.provider.wrap({ ref, wrapper: { publicKey }, format: 'rsa-aes-kwp-sha1', ephemeral })).rejects.toMatchObject({ rule: 'KEY-EXPORT-1' });
  });
});

test('ECDH: the raw secret as a key on the token is what openssl comes to', async () => {
  const ours = await opened.provider.generate(asked({ purpose: 'key-agreement' }));
  const theirs = createECDH('prime256v1');
  const peer = writeSpki('ec-p256', new Uint8Array(theirs.generateKeys()));
  const key = await opened.provider.derive({ ...asked({ algorithm: 'hmac-sha256', purpose: 'mac' }), from: ours.ref, derivation: 'ecdh-raw', info: new Uint8Array(0), peer });
  const secret = theirs.computeSecret((ours.publicKey ?? new Uint8Array(0)).subarray(-65));
  expect(hex(await opened.provider.mac({ ref: key.ref, algorithm: 'hmac-sha256', message }))).toBe(createHmac('sha256', secret).update(message).digest('hex'));
});
