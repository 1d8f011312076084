/** Keys that other programs made on a token: looked at, adopted, used, rotated and destroyed with exactly what belongs to them. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openToken } from '../fixtures/openModules.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { makeTokenCore } from '../fixtures/tokenCore.ts';

let token: SoftHsmToken;
let t: TestCore;
const tool = (...args: string[]) => token.pkcs11Tool(...args);
const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const seen = async (label: string) => (await t.call('token.info', { token: token.label })).keys.find((key) => key.label === label);

/** A self-signed certificate of a key of its own, and the files of both. */
function newPair(name: string, ...kind: string[]): { readonly key: string; readonly certificate: string; readonly spki: Uint8Array } {
  const [key, pem, certificate] = [join(token.folder, `${name}.key`), join(token.folder, `${name}.pem`), join(token.folder, `${name}.der`)];
  openssl('req', '-x509', '-newkey', ...kind, '-nodes', '-keyout', key, '-out', pem, '-days', '30', '-subj', `/CN=${name}`);
  openssl('x509', '-in', pem, '-outform', 'DER', '-out', certificate);
  return { key, certificate, spki: new Uint8Array(openssl('pkey', '-in', key, '-pubout', '-outform', 'DER')) };
}

beforeAll(async () => {
  ({ token, t } = await makeTokenCore('theirs'));
  writeFileSync(t.path('in'), 'to be signed');
}, 60_000);
afterAll(async () => {
  await t.close();
  token.remove();
});

describe('token info says of a key of others', () => {
  test('what it is, what its attributes allow, and what is unsafe about them', async () => {
    tool('--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'theirs-ec', '--id', '01', '--usage-sign');
    tool('--keygen', '--key-type', 'AES:32', '--label', 'both', '--id', '02', '--usage-decrypt', '--usage-wrap', '--extractable');
    expect(await seen('theirs-ec')).toMatchObject({ kind: 'pair', id: '01', algorithm: 'ec-p256', purposes: ['signature', 'authentication'], exportable: false, companions: [{ kind: 'public-key', id: '01' }] });
    const both = await seen('both');
    expect(both).toMatchObject({ algorithm: 'aes-256', purposes: expect.arrayContaining(['data-encryption', 'key-wrapping']) as string[], exportable: true });
    expect(both?.warnings.join('\n')).toMatch(/CKA_WRAP and CKA_DECRYPT together.*CKA_EXTRACTABLE.*several purposes/s);
    expect(both).not.toHaveProperty('knownAs');
  });
});

describe('key adopt', () => {
  test('by label: it signs, and the token keeps it', async () => {
    const { key, version, notes } = await t.call('key.adopt', { key: 'theirs-ec', token: 'theirs', name: 'signer', purpose: 'signature' });
    expect([key.algorithm, version.origin, version.state]).toEqual(['ec-p256', 'adopted', 'active']);
    expect(version.fingerprint).toBe((await seen('theirs-ec'))?.fingerprint);
    expect(notes.join()).toContain('CKA_MODIFIABLE');
    expect((await seen('theirs-ec'))?.knownAs).toBe('signer version 1');
    await t.call('key.sign', { key: 'signer', files: [t.read('in')], signatures: [t.write('in.sig')], mechanism: 'ecdsa-sha256' });
    expect(await t.call('key.verify', { key: 'signer', in: t.read('in'), signature: t.read('in.sig'), mechanism: 'ecdsa-sha256' })).toMatchObject({ valid: true });
    expect(await t.refused('key.adopt', { key: '01', token: 'theirs', name: 'again', purpose: 'signature' })).toMatchObject({ code: 'already-exists', message: expect.stringContaining('"signer"') as string });
  });

  test('by CKA_ID: a key with unsafe attributes comes with its warnings, which are kept', async () => {
    const { notes } = await t.call('key.adopt', { key: '02', token: 'theirs', name: 'cipher', purpose: 'data-encryption' });
    expect(notes.join()).toContain('CKA_WRAP and CKA_DECRYPT together');
    const { entries } = await t.call('audit.list', {});
    expect(JSON.stringify(entries)).toContain('CKA_WRAP and CKA_DECRYPT together');
  });

  test('a purpose that its attributes do not allow is refused, with what they allow', async () => {
    tool('--keypairgen', '--key-type', 'EC:secp521r1', '--label', 'signs', '--id', '03', '--usage-sign');
    const refused = await t.refused('key.adopt', { key: 'signs', token: 'theirs', name: 'opener', purpose: 'key-agreement' });
    expect(refused).toMatchObject({ code: 'token-cannot', nextStep: 'choose one of signature, authentication' });
    expect(refused.message).toContain('CKA_SIGN');
  });

  test('several keys of one label: all are said with their ids, and none is chosen', async () => {
    for (const id of ['0a', '0b']) tool('--keypairgen', '--key-type', 'EC:secp384r1', '--label', 'twins', '--id', id, '--usage-sign');
    const refused = await t.refused('key.adopt', { key: 'twins', token: 'theirs', name: 'twin', purpose: 'signature' });
    expect(refused).toMatchObject({ code: 'token-ambiguous', nextStep: 'name it by its CKA_ID in hex' });
    expect(refused.message).toMatch(/^(?=.*CKA_ID 0a .*public key SHA-256)(?=.*CKA_ID 0b )/);
    expect(await t.call('key.adopt', { key: '0B', token: 'theirs', name: 'twin', purpose: 'signature' })).toMatchObject({ key: { algorithm: 'ec-p384' } });
  });

  test('what is not there: a URI of which only the first byte was escaped says what it may have meant', async () => {
    expect(await t.refused('key.adopt', { key: `pkcs11:token=theirs;id=%6deb45`, name: 'gone', purpose: 'signature' })).toMatchObject({ code: 'token-key-missing', nextStep: expect.stringContaining('5 bytes; a sender that percent-encodes only the first byte meant 6deb45') as string });
    expect(await t.refused('key.adopt', { key: 'nobody', name: 'gone', purpose: 'signature' })).toMatchObject({ code: 'request-invalid', field: 'token' });
  });

  test('a PIN in a URI is taken by no method, and is repeated nowhere', async () => {
    for (const uri of ['pkcs11:token=theirs;object=signs;pin-value=74921', 'pkcs11:token=theirs;object=signs?pin-value=74921']) {
      const refused = await t.refused('key.adopt', { key: uri, name: 'leak', purpose: 'signature' });
      expect(refused.code).toBe('request-invalid');
      expect(JSON.stringify([refused, await t.call('audit.list', {})])).not.toContain('74921');
    }
  });

  test.each([
    ['an RSA key', 'rsa-2048', 'rsa-pss-sha256', ['rsa:2048']],
    ['a P-521 key', 'ec-p521', 'ecdsa-sha512', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ] as const)('%s whose CKA_ID is empty is paired with its certificate by public key alone', async (_, algorithm, mechanism, kind) => {
    const [own, other] = [newPair(`own-${algorithm}`, ...kind), newPair(`other-${algorithm}`, ...kind)];
    writeFileSync(join(token.folder, 'own.p8'), openssl('pkcs8', '-topk8', '-nocrypt', '-in', own.key, '-outform', 'DER'));
    const label = `unnamed ${algorithm}`;
    tool('--write-object', join(token.folder, 'own.p8'), '--type', 'privkey', '--label', label, '--usage-sign');
    tool('--write-object', other.certificate, '--type', 'cert', '--label', `root ${algorithm}`);
    tool('--write-object', own.certificate, '--type', 'cert', '--label', `cert ${algorithm}`);
    const name = `adopted-${algorithm}`;
    const { version } = await t.call('key.adopt', { key: label, token: 'theirs', name, purpose: 'signature' });
    expect(version.fingerprint).toBe(sha256(own.spki));
    expect(version.ref).toContain('object=unnamed%20');
    await t.call('key.sign', { key: name, files: [t.read('in')], signatures: [t.write(`${name}.sig`)], mechanism });
    expect(await t.call('key.verify', { key: name, in: t.read('in'), signature: t.read(`${name}.sig`), mechanism })).toMatchObject({ valid: true });
  });

  test('an Ed25519 key that softhsm2-util imported', async () => {
    const { key, spki } = newPair('edwards', 'ed25519');
    token.run('softhsm2-util', ['--import', key, '--token', token.label, '--label', 'edwards', '--id', '0d', '--pin', token.userPin]);
    expect((await t.call('key.adopt', { key: 'edwards', token: 'theirs', name: 'edwards', purpose: 'signature' })).version.fingerprint).toBe(sha256(spki));
    await t.call('key.sign', { key: 'edwards', files: [t.read('in')], signatures: [t.write('edwards.sig')], mechanism: 'ed25519' });
    expect(await t.call('key.verify', { key: 'edwards', in: t.read('in'), signature: t.read('edwards.sig'), mechanism: 'ed25519' })).toMatchObject({ valid: true });
  });

  test('an EC private key alone gives its public half away by signing', async () => {
    const { key, spki } = newPair('alone', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
    writeFileSync(join(token.folder, 'alone.p8'), openssl('pkcs8', '-topk8', '-nocrypt', '-in', key, '-outform', 'DER'));
    tool('--write-object', join(token.folder, 'alone.p8'), '--type', 'privkey', '--label', 'alone', '--id', '0c', '--usage-sign');
    expect(await seen('alone')).not.toHaveProperty('fingerprint');
    expect((await t.call('key.adopt', { key: 'alone', token: 'theirs', name: 'alone', purpose: 'signature' })).version.fingerprint).toBe(sha256(spki));
  });

  /** A private key alone, and beside it the public half of another pair under the same CKA_ID. */
  function besideAnother(name: string, id: string, curve: string): { readonly own: Uint8Array; readonly other: Uint8Array } {
    const [own, other] = [newPair(name, 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'), newPair(`beside-${name}`, 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`)];
    writeFileSync(join(token.folder, `${name}.p8`), openssl('pkcs8', '-topk8', '-nocrypt', '-in', own.key, '-outform', 'DER'));
    writeFileSync(join(token.folder, `${name}.other`), other.spki);
    tool('--write-object', join(token.folder, `${name}.p8`), '--type', 'privkey', '--label', name, '--id', id, '--usage-sign');
    tool('--write-object', join(token.folder, `${name}.other`), '--type', 'pubkey', '--label', `beside-${name}`, '--id', id);
    tool('--write-object', other.certificate, '--type', 'cert', '--label', `certificate-beside-${name}`, '--id', id);
    return { own: own.spki, other: other.spki };
  }

  test.each([['mispaired', '1c', 'P-256'], ['strange', '1d', 'secp256k1']])("another's public half and certificate under the same CKA_ID are not its own, and stay when it is destroyed (%s)", async (name, id, curve) => {
    const { own } = besideAnother(name, id, curve);
    const adopted = await t.call('key.adopt', { key: name, token: 'theirs', name, purpose: 'signature' });
    expect([adopted.version.fingerprint, adopted.companions]).toEqual([sha256(own), []]);
    const { certificate } = await t.call('key.destroy', { key: name, reason: 'replaced', certificates: true });
    expect(certificate).toMatchObject({ objectsDestroyed: 1, objectsAfter: 0 });
    expect(t.asked.at(-1)?.details.join('\n')).not.toContain(`beside-${name}`);
    const left = tool('--list-objects');
    expect(left).not.toMatch(new RegExp(`label:\\s+${name}$`, 'm'));
    for (const label of [`beside-${name}`, `certificate-beside-${name}`]) expect(left).toContain(label);
  });

  test('SECURITY: a token with a crowd of certificates and endless labels fills neither the vault nor the question', async () => {
    const { key } = newPair('crowded', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
    writeFileSync(join(token.folder, 'crowded.p8'), openssl('pkcs8', '-topk8', '-nocrypt', '-in', key, '-outform', 'DER'));
    tool('--write-object', join(token.folder, 'crowded.p8'), '--type', 'privkey', '--label', 'crowded', '--id', '3c', '--usage-sign');
    for (let count = 0; count < 17; count += 1) {
      openssl('req', '-x509', '-key', key, '-out', join(token.folder, 'one.der'), '-outform', 'DER', '-days', '30', '-subj', `/CN=${count}`);
      tool('--write-object', join(token.folder, 'one.der'), '--type', 'cert', '--label', `${count} ${'endless '.repeat(100)}`, '--id', '3c');
    }
    const { version, companions } = await t.call('key.adopt', { key: 'crowded', token: 'theirs', name: 'crowded', purpose: 'signature' });
    expect([companions.length, version.certificate?.chain]).toEqual([17, 16]);
    await t.call('key.destroy', { key: 'crowded', reason: 'replaced' });
    const details = (t.asked.at(-1)?.details ?? []).filter((detail) => detail.includes('endless'));
    expect(details).toHaveLength(17);
    for (const detail of details) expect(detail.length, detail).toBeLessThan(200);
  }, 60_000);

  test('an agreement key signs nothing, so that its public half is not proved: said, and kept', async () => {
    const { modules, provider } = await openToken(token);
    await provider.generate({ id: new Uint8Array(16).fill(0x2a), label: 'agrees', algorithm: 'ec-p256', purpose: 'key-agreement', exportable: false });
    await modules.close();
    expect((await seen('agrees'))?.attributes).not.toContain('CKA_SIGN');
    const { notes } = await t.call('key.adopt', { key: 'agrees', token: 'theirs', name: 'agrees', purpose: 'key-agreement' });
    expect(notes.join()).toContain('nothing proves that the two belong together');
    expect((await t.call('key.show', { key: 'agrees' })).versions[0]?.notes?.join()).toContain('found by its CKA_ID alone');
  });

  test('a key that another program put in its place signs nothing in its name', async () => {
    const { key } = newPair('substitute', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
    for (const [form, ...how] of [['p8', 'pkcs8', '-topk8', '-nocrypt'], ['pub', 'pkey', '-pubout']] as const) writeFileSync(join(token.folder, `substitute.${form}`), openssl(...how, '-in', key, '-outform', 'DER'));
    tool('--delete-object', '--type', 'privkey', '--label', 'alone');
    tool('--write-object', join(token.folder, 'substitute.p8'), '--type', 'privkey', '--label', 'alone', '--id', '0c', '--usage-sign');
    tool('--write-object', join(token.folder, 'substitute.pub'), '--type', 'pubkey', '--label', 'alone', '--id', '0c');
    expect(await t.refused('key.sign', { key: 'alone', files: [t.read('in')] })).toMatchObject({ code: 'token-refused', message: expect.stringContaining('does not verify') as string });
  });

  test('it rotates to a key of our making, and is destroyed with the public half that is its own', async () => {
    const { predecessor } = await t.call('key.rotate', { key: 'signer' });
    expect(predecessor.number).toBe(1);
    const { certificate } = await t.call('key.destroy', { key: 'signer', version: 1, reason: 'replaced' });
    expect(certificate).toMatchObject({ objectsBefore: 1, objectsDestroyed: 2, objectsAfter: 0, attemptedUse: 'token-key-missing' });
    expect(tool('--list-objects')).not.toContain('theirs-ec');
    expect(t.asked.at(-1)?.details).toContain('the public key "theirs-ec" (CKA_ID 01) goes with it');
  });
});

test('what a key was adopted from is as it was: no object was added or changed', () => {
  const objects = tool('--list-objects');
  expect(objects.match(/label:\s+edwards$/gm)).toHaveLength(2);
  expect(readFileSync(join(token.folder, 'softhsm2.conf'), 'utf8')).toContain('tokendir');
});
