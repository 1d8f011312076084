/** Attestations through the one door: taken from a card and from files, kept with the key, shown, logged; and verified for anybody, without a vault. */
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../electron/vault/crypto/bytes.ts';
import { sha256 } from '../../electron/vault/crypto/hashes.ts';
import { writePem } from '../../electron/vault/formats/pem.ts';
import { sentenceOfEntry, withIntents } from '../../shared/log/sentences.ts';
import { authority, issueCertificate, makePair, pivExtensions } from '../fixtures/madeCertificates.ts';
import type { MadeExtension, MadeKey } from '../fixtures/madeCertificates.ts';
import { pivPin, startPivCard } from '../fixtures/pivToken.ts';
import type { PivCard } from '../fixtures/pivToken.ts';
import { makeSoftHsmToken, softHsmModulePath } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { makeTokenCore } from '../fixtures/tokenCore.ts';

const sample = (name: string) => join(import.meta.dirname, '../fixtures/attestations', name);
const unknownRoot = 'the root "CN=Virtual PIV Root" is not one that Strongroom knows';

describe('a card that attests its keys, through YKCS11', () => {
  let card: PivCard;
  let t: TestCore;

  beforeAll(async () => {
    card = await startPivCard('YKCS11');
    const { environment, folder, modulePath } = card;
    t = makeTestCore({ token: { environment }, knownModule: { name: 'YKCS11', paths: { linux: [realpathSync(modulePath)] }, variables: Object.keys(environment), folders: [folder] } });
    t.answers.pin = pivPin;
    await t.create();
    await t.call('token.add', { module: t.files.read(modulePath) });
  }, 60_000);
  afterAll(async () => {
    await t.close();
    await card.end();
  });

  test('key adopt takes the attestation along: a root that nobody knows proves nothing, and it is no certificate of the key', async () => {
    const { key, version } = await t.call('key.adopt', { key: '04', token: '12345678', name: 'door', purpose: 'signature' });
    expect(version.attestation).toEqual({ verdict: 'unproven', reason: unknownRoot, facts: [], path: ['CN=YubiKey PIV Attestation 9e', 'CN=Virtual PIV Attestation'], notChecked: ['the dates in the certificates: a device has no clock'], from: 'token', at: expect.any(String) });
    expect(key.attestation).toBe('unproven');
    expect(version.certificate).toMatchObject({ chain: 1 });
    expect(JSON.stringify(version.certificate)).not.toContain('Attestation');
    expect((await t.call('key.list', {})).keys[0]?.attestation).toBe('unproven');
  });

  test('key attest takes it anew, says what was not looked at, and stands in the log with the verdict', async () => {
    const { attestation, logEntry } = await t.call('key.attest', { key: 'door' });
    expect(attestation).toMatchObject({ verdict: 'unproven', reason: unknownRoot, notChecked: ['the dates in the certificates: a device has no clock'] });
    const [entry] = (await t.call('audit.list', { from: logEntry })).entries;
    expect(entry?.body).toMatchObject({ act: 'key.attest', number: 1, verdict: 'unproven', from: 'token', evidence: [expect.any(String), expect.any(String)] });
    expect(entry && sentenceOfEntry(entry, withIntents(new Map([[String(entry.body['key']), 'door']]), [entry]))).toBe('Did take the attestation of door version 1: unproven');
  });

  test('the attestation of another key is not kept with this one', async () => {
    expect(await t.refused('key.attest', { key: 'door', files: [t.files.read(sample('yubikey-5.7.4.pem'))] })).toMatchObject({ code: 'input-malformed', field: 'files', message: expect.stringContaining('no attestation of this key') });
    expect((await t.call('key.show', { key: 'door' })).versions[0]?.attestation?.reason).toBe(unknownRoot);
    expect((await t.call('audit.list', {})).entries.at(-1)?.body).toMatchObject({ method: 'key.attest', code: 'input-malformed' });
  });

  test('key destroy names the certificate in the slot, and no attestation: the card makes those when it is asked', async () => {
    t.answers.confirm = () => 'no';
    await t.refused('key.destroy', { key: 'door', reason: 'done', certificates: true });
    t.answers.confirm = undefined;
    const asked = JSON.stringify(t.asked.at(-1));
    expect(asked).toContain('X.509 Certificate for Card Authentication');
    expect(asked).not.toContain('PIV Attestation');
  });

  test('a secret that is in the vault has no device', async () => {
    await t.call('key.generate', { name: 'here', purpose: 'signature', algorithm: 'ec-p256' });
    expect((await t.call('key.show', { key: 'here' })).versions[0]?.attestation).toBeUndefined();
    expect(await t.refused('key.attest', { key: 'here' })).toMatchObject({ code: 'request-invalid', field: 'key' });
  });
});

test('a token that attests nothing: its keys are unproven, and say why', async () => {
  const { token, t } = await makeTokenCore('plain');
  try {
    const { version } = await t.call('key.generate', { name: 'signer', purpose: 'signature', algorithm: 'ec-p256', place: 'plain' });
    expect(version.attestation).toMatchObject({ verdict: 'unproven', reason: 'this token attests nothing', path: [] });
    expect((await t.call('key.rotate', { key: 'signer' })).version.attestation).toMatchObject({ reason: 'this token attests nothing' });
    expect((await t.call('key.generate', { name: 'sealer', purpose: 'data-encryption', algorithm: 'aes-256', place: 'plain' })).version.attestation).toMatchObject({ verdict: 'unproven', reason: expect.stringContaining('secret key') });
    expect(await t.refused('key.attest', { key: 'sealer' })).toMatchObject({ code: 'request-invalid' });
    expect((await t.call('key.attest', { key: 'signer' })).attestation).toMatchObject({ verdict: 'unproven' });
  } finally {
    await t.close();
    token.remove();
  }
}, 30_000);

test('a key whose device is vouched for: from files it is shown as generated on device, wherever it is shown, and a token that shows nothing takes none of that away', async () => {
  const [root, device] = [makePair(), makePair()];
  const certified = (subject: string, spki: Uint8Array, by: MadeKey, issuer: string, extensions: readonly MadeExtension[]) => issueCertificate({ subject, issuer, spki, by, extensions });
  const rootDer = certified('Root', root.spki, root, 'Root', [authority(1)]);
  const known = { name: 'Root', format: 'x509', role: 'root', attests: 'yubico-piv', sha256: toHex(sha256(rootDer)), publishedAt: '', pem: writePem('CERTIFICATE', rootDer).split('\n') } as const;
  const token = makeSoftHsmToken('vouched');
  const t = makeTestCore({ token, attestationIssuers: [known] });
  try {
    t.answers.pin = token.userPin;
    await t.create();
    await t.call('token.add', { module: t.files.read(softHsmModulePath()) });
    await t.call('key.generate', { name: 'signer', purpose: 'signature', algorithm: 'ec-p256', place: 'vouched' });
    const spki = new Uint8Array(Buffer.from((await t.call('key.public', { key: 'signer', format: 'der' })).spki, 'hex'));
    const extensions = pivExtensions(Uint8Array.of(1));
    writeFileSync(t.path('device.pem'), writePem('CERTIFICATE', certified('Device', device.spki, root, 'Root', [...extensions.slice(0, 1), authority(0)])));
    writeFileSync(t.path('attestation.pem'), writePem('CERTIFICATE', certified('Key', spki, device, 'Device', extensions)));
    const { attestation, key } = await t.call('key.attest', { key: 'signer', files: [t.read('attestation.pem'), t.read('device.pem')] });
    expect(attestation).toMatchObject({ verdict: 'generated-on-device', from: 'files', facts: expect.arrayContaining(['firmware 5.2.7']), path: ['CN=Key', 'CN=Device', 'CN=Root'], notChecked: [expect.any(String), expect.stringMatching(/^which device it is: "[0-9a-f]{16}" is not a serial number of this maker$/)] });
    expect(key.attestation).toBe('generated-on-device');
    expect(await t.refused('key.attest', { key: 'signer' })).toMatchObject({ code: 'token-cannot', message: expect.stringContaining('stays') });
    await t.call('vault.lock', {});
    await t.unlock();
    expect((await t.call('key.list', {})).keys[0]?.attestation).toBe('generated-on-device');
    expect((await t.call('key.show', { key: 'signer' })).versions[0]?.attestation).toEqual(attestation);
  } finally {
    await t.close();
    token.remove();
  }
}, 30_000);

describe('attestation verify needs no vault', () => {
  const t = makeTestCore();
  afterAll(() => t.close());
  const verify = (file: string, more = {}) => t.call('attestation.verify', { files: [t.files.read(sample(file))], ...more });

  test.each([
    ['yubikey-4.3.5.pem', '5970478', 'Yubico PIV Root CA Serial 263751'],
    ['yubikey-5.2.6.pem', '13078782', 'Yubico PIV Root CA Serial 263751'],
    ['yubikey-5.7.4.pem', '32718477', 'Yubico Attestation Root 1'],
    ['yubikey-5.7.4-another.pem', '36345471', 'Yubico Attestation Root 1'],
    ['yubihsm-2.4.pem', '31650558', 'Yubico YubiHSM Root CA'],
  ])('%s: the key that OpenSSL reads in it was made by the device with this number', async (file, serial, root) => {
    writeFileSync(t.path('key.pem'), execFileSync('openssl', ['x509', '-in', sample(file), '-noout', '-pubkey']));
    const found = await verify(file, { serial, key: t.read('key.pem') });
    expect(found).toMatchObject({ verdict: 'generated-on-device', notChecked: ['the dates in the certificates: a device has no clock'] });
    expect(found.reason).toContain(serial);
    expect(found.reason).toContain(root);
  });

  test('a card says it in files of its own: the request that it signed, and its certificates', async () => {
    const binary = (name: string) => writeFileSync(t.path(name), Buffer.from(readFileSync(sample(`${name}.hex`), 'utf8').replace(/\s/g, ''), 'hex'));
    binary('nitrokey-hsm-p256');
    binary('nitrokey-hsm-device');
    const found = await t.call('attestation.verify', { files: [t.read('nitrokey-hsm-p256'), t.read('nitrokey-hsm-device')], serial: 'DENK0404144' });
    expect(found).toMatchObject({ verdict: 'generated-on-device', fingerprint: '91493c73de01b630faa8122b131fa09d5241d2c41968213db8cfa4481a331f2a' });
  });

  test('of another number, or another key, it is unproven', async () => {
    expect(await verify('yubikey-5.7.4.pem', { serial: '36345471' })).toMatchObject({ verdict: 'unproven', facts: [], reason: 'it is the attestation of the YubiKey with the serial number 32718477, and 36345471 was expected' });
    writeFileSync(t.path('other.pem'), execFileSync('openssl', ['x509', '-in', sample('yubikey-5.2.6.pem'), '-noout', '-pubkey']));
    expect(await verify('yubikey-5.7.4.pem', { key: t.read('other.pem') })).toMatchObject({ verdict: 'unproven', facts: [], reason: expect.stringContaining('another key') });
  });

  test('a script may ask for an error in place of another verdict', async () => {
    const files = () => [t.files.read(sample('yubikey-5.7.4.pem'))];
    expect((await t.call('attestation.verify', { files: files(), serial: '32718477', requireGenerated: true })).verdict).toBe('generated-on-device');
    expect(await t.refused('attestation.verify', { files: files(), serial: '36345471', requireGenerated: true })).toMatchObject({ code: 'refused', message: expect.stringMatching(/^unproven: it is the attestation of the YubiKey/) });
  });

  test('what is no certificate is refused', async () => {
    writeFileSync(t.path('junk'), readFileSync(sample('PROVENANCE.md')));
    expect(await t.refused('attestation.verify', { files: [t.read('junk')] })).toMatchObject({ code: 'input-malformed' });
  });
});
