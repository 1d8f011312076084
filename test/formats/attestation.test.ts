/** Attestations: of real devices, which OpenSSL verifies too; forged in every way that a liar with keys of his own has; and changed byte by byte. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { attestationIssuers } from '../../electron/host/attestationIssuers.ts';
import { toHex } from '../../electron/vault/crypto/bytes.ts';
import { writeBitString, writeDer, writeOid, writeUnsigned } from '../../electron/vault/crypto/derWriter.ts';
import { sha256 } from '../../electron/vault/crypto/hashes.ts';
import { cvcValues, readAuthenticatedRequest, readCvc } from '../../electron/vault/formats/attestation/cvc.ts';
import { evidenceFor, isAttestation, readEvidence } from '../../electron/vault/formats/attestation/evidence.ts';
import { writeKeyUsage } from '../../electron/vault/formats/signing/certificateExtensions.ts';
import { knownIssuers } from '../../electron/vault/formats/attestation/knownIssuers.ts';
import { verifyAttestation } from '../../electron/vault/formats/attestation/verifyAttestation.ts';
import { readPem, writePem } from '../../electron/vault/formats/pem.ts';
import type { AttestationIssuer } from '../../shared/model/attestation.ts';
import { certifyCard, makeCardKey, requestOfCard } from '../fixtures/madeCards.ts';
import { authority, issueCertificate, makePair, pivExtensions } from '../fixtures/madeCertificates.ts';
import type { MadeExtension, MadeKey } from '../fixtures/madeCertificates.ts';

const known = knownIssuers(attestationIssuers());
const samplePath = (name: string) => join(import.meta.dirname, '../fixtures/attestations', name);
const sample = (name: string) => readPem(readFileSync(samplePath(name), 'utf8')).map(({ der }) => der);
const folder = mkdtempSync(join(tmpdir(), 'strongroom-attestation-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, ...ders: readonly Uint8Array[]): string {
  const path = join(folder, name);
  writeFileSync(path, ders.map((der) => writePem('CERTIFICATE', der)).join(''));
  return path;
}

describe('the table of roots', () => {
  const published: Readonly<Record<string, string>> = {
    'Yubico PIV Root CA Serial 263751': '63ece914e54dd87915f34033c85af4c0696ba1512f8add66ced738331207b546',
    'Yubico PIV Root CA Serial 263751, as first published': '7e996a28e3055223733c9aec897900eda9b746e3e15d419556ac6a1179879a50',
    'Yubico Attestation Root 1': '62760c6a6ef91679f454c8902b80fd009825b3f25da90f1fbace2ec6586cd5a8',
    'Yubico Attestation Intermediate A 1': '4698a1d3389c3ec60016c216250f1d0439922832d65142327436376dc2942b55',
    'Yubico Attestation Intermediate B 1': 'd4cc3f456fdaf4e7812a21aab1dfe9d8e27d24e2fd2d6f21c9940109f0daa754',
    'Yubico PIV Attestation A 1': '6de693f05376f5d8ca29069261e1c8626c75d503bd2edbfd75354cad1f722870',
    'Yubico PIV Attestation B 1': '2d55b7998f4e42569d6d8fa382b6dc77d1dacf07358b19701163892922b17052',
    'Yubico YubiHSM Root CA': '094a3ac493c2bdcd65a54bdf40190f52bb03f7156397a3fc69d8aa9a392fb724',
    'Yubico YubiHSM 6742036 Sub-CA': 'd7c6d8f45208e2a53996fb5a8f4d631b33ebabb64956b37b2ac151fbdbaf4ae9',
    DESRCACC100001: '453a391015c5fbb60116c838ed613591828bf62ac8a1aca276ce4e60525ec3e3',
  };

  test('has the fingerprints that were published, and no other root', () => {
    expect(Object.fromEntries(attestationIssuers().map(({ name, sha256: fingerprint }) => [name, fingerprint]))).toEqual(published);
  });

  test('what is an intermediate was issued under a root of the table, as OpenSSL sees it', () => {
    const { roots, intermediates } = known;
    const trusted = write('roots.pem', ...roots.map(({ certificate }) => certificate.der));
    const between = write('between.pem', ...intermediates.map(({ der }) => der));
    for (const { der } of intermediates) expect(execFileSync('openssl', ['verify', '-CAfile', trusted, '-untrusted', between, write('one.pem', der)], { encoding: 'utf8' })).toContain('OK');
    expect(intermediates).toHaveLength(5);
  });

  test('a certificate that is not what its fingerprint says is nobody: nothing is verified at all', () => {
    const [first] = attestationIssuers();
    expect(() => knownIssuers([{ ...(first as AttestationIssuer), sha256: '00'.repeat(32) }])).toThrow('expected the SHA-256 0000');
  });
});

describe('attestations of real devices', () => {
  const path = (file: string) => spawnSync('openssl', ['verify', '-partial_chain', '-trusted', write('trusted.pem', ...known.roots.map(({ certificate }) => certificate.der)), '-untrusted', write('untrusted.pem', ...sample(file).slice(1), ...known.intermediates.map(({ der }) => der)), write('leaf.pem', ...sample(file).slice(0, 1))], { encoding: 'utf8' });

  test.each([
    ['yubikey-5.2.6.pem', ['firmware 5.2.6', 'PIN: before each use', 'touch: before each use', 'form: USB-C keychain'], 3],
    ['yubikey-5.7.4.pem', ['firmware 5.7.4', 'PIN: before each use', 'touch: never', 'form: USB-C nano'], 5],
    ['yubikey-5.7.4-another.pem', ['firmware 5.7.4', 'PIN: once per session', 'touch: never', 'form: USB-A keychain'], 5],
    ['yubihsm-2.4.pem', ['firmware 2.4.0', 'object 0x0100', 'label "Dark Bio Secure-Boot (Ark I: Alpha)"', 'may leave the device under a wrapping key'], 4],
  ])('%s: OpenSSL finds the same path', (file, facts, length) => {
    expect(path(file).stdout).toContain('OK');
    const found = verifyAttestation(sample(file), {}, known);
    expect(found).toMatchObject({ verdict: 'generated-on-device', attested: { facts } });
    expect(found.path).toHaveLength(length);
  });

  test('yubikey-4.3.5.pem: its device does not say that it is an authority, for which OpenSSL refuses it; the PIV root issues nothing else', () => {
    expect(path('yubikey-4.3.5.pem').stderr).toContain('invalid CA certificate');
    expect(verifyAttestation(sample('yubikey-4.3.5.pem'), {}, known)).toMatchObject({ verdict: 'generated-on-device', attested: { facts: ['firmware 4.3.5', 'PIN: before each use', 'touch: never'] } });
  });

  test('two keys of a batch have one device certificate: the serial number tells them apart', () => {
    const [own, other] = [sample('yubikey-5.7.4.pem'), sample('yubikey-5.7.4-another.pem')];
    expect(own[1]).toEqual(other[1]);
    expect(verifyAttestation(other, { serial: '32718477' }, known)).toMatchObject({ verdict: 'unproven', reason: 'it is the attestation of the YubiKey with the serial number 36345471, and 32718477 was expected' });
    expect(verifyAttestation(other, { serial: '0036345471' }, known).verdict).toBe('generated-on-device');
    expect(verifyAttestation(other, { serial: 'a6464273ff36a980' }, known).notChecked).toContain('which device it is: "a6464273ff36a980" is not a serial number of this maker');
  });

  test('the device alone, the key alone, and nothing are no attestation', () => {
    const [attestation, device] = sample('yubikey-5.7.4.pem') as [Uint8Array, Uint8Array];
    expect(verifyAttestation([device], {}, known)).toMatchObject({ verdict: 'unproven', reason: 'what was given holds no attestation of a key' });
    expect(verifyAttestation([attestation], {}, known)).toMatchObject({ verdict: 'unproven', reason: 'the root "CN=YubiKey PIV Attestation" is not one that Strongroom knows' });
    expect(verifyAttestation([], {}, known).verdict).toBe('unproven');
    expect([isAttestation(attestation), isAttestation(device)]).toEqual([true, false]);
  });

  test('among the certificates of a token those of the key are found, and no more', () => {
    const [attestation, device] = sample('yubikey-5.7.4.pem') as [Uint8Array, Uint8Array];
    const spki = verifyAttestation([attestation], {}, known).spki as Uint8Array;
    expect(evidenceFor([...sample('yubikey-4.3.5.pem'), device, Uint8Array.of(0x30, 0), attestation], spki)).toEqual({ evidence: [attestation, device], attests: true });
    expect(evidenceFor(sample('yubikey-4.3.5.pem'), spki)).toEqual({ evidence: [], attests: true });
    expect(evidenceFor([], spki)).toEqual({ evidence: [], attests: false });
  });
});

const serial = Uint8Array.of(0x00, 0xbc, 0x61, 0x4e);
const firmware = pivExtensions(serial).slice(0, 1);

/** A maker of devices, and whoever has a key below one. */
class Maker {
  readonly key: MadeKey = makePair();
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  issues(below: Maker, extensions: readonly MadeExtension[]): Uint8Array {
    return issueCertificate({ subject: below.name, issuer: this.name, spki: below.key.spki, by: this.key, extensions });
  }

  /** As the only root that is known. */
  knownFor(attests: AttestationIssuer['attests'], through?: string) {
    const der = this.issues(this, [authority(9)]);
    return knownIssuers([{ name: this.name, format: 'x509', role: 'root', attests, sha256: toHex(sha256(der)), publishedAt: '', pem: writePem('CERTIFICATE', der).split('\n'), ...(through === undefined ? {} : { through }) }]);
  }
}

describe('forgeries', () => {
  const [root, device, key, other] = [new Maker('Root'), new Maker('Device'), new Maker('Key 9a'), new Maker('Key 9c')];
  const ofKey = device.issues(key, pivExtensions(serial));
  const ofDevice = root.issues(device, [...firmware, authority(0)]);
  const trusted = root.knownFor('yubico-piv');
  const judged = (evidence: readonly Uint8Array[], issuers = trusted) => verifyAttestation(evidence, {}, issuers);
  const reason = (evidence: readonly Uint8Array[], issuers = trusted) => {
    const { verdict, reason: why } = judged(evidence, issuers);
    expect(verdict).toBe('unproven');
    return why;
  };

  test('what is honest is believed, in any order, and out of its time', () => {
    expect(judged([ofKey, ofDevice]).verdict).toBe('generated-on-device');
    expect(judged([ofDevice, ofKey]).verdict).toBe('generated-on-device');
    expect(judged([ofKey, ofDevice]).notChecked).toContain('the dates in the certificates: a device has no clock');
  });

  test('the names of Yubico over keys of a liar', () => {
    const [liar, hisDevice] = [new Maker('Yubico PIV Root CA Serial 263751'), new Maker('Yubico PIV Attestation')];
    const chain = [hisDevice.issues(key, pivExtensions(serial)), liar.issues(hisDevice, [...firmware, authority(0)])];
    expect(reason(chain, known)).toBe('the certificate "CN=Yubico PIV Attestation" is not signed by the "CN=Yubico PIV Root CA Serial 263751" that it names');
    expect(reason([...chain, liar.issues(liar, [authority(1)])], known)).toBe('the root "CN=Yubico PIV Root CA Serial 263751" is not one that Strongroom knows');
  });

  test('a key that is attested itself signs no attestation', () => {
    expect(verifyAttestation([key.issues(other, pivExtensions(serial)), ofKey, ofDevice], { spki: other.key.spki }, trusted)).toMatchObject({ verdict: 'unproven', reason: 'the certificate "CN=Key 9a" may not issue others' });
  });

  test('a device that names itself no authority is one only directly under the PIV root, and with a firmware', () => {
    const [silent, between] = [root.issues(device, firmware), new Maker('Between')];
    expect(judged([ofKey, silent]).verdict).toBe('generated-on-device');
    expect(reason([ofKey, silent], root.knownFor('yubihsm'))).toContain('may not issue others');
    expect(reason([ofKey, silent], root.knownFor('yubico-piv', 'Between'))).toContain('may not issue others');
    expect(reason([ofKey, root.issues(device, [])])).toContain('may not issue others');
    expect(reason([ofKey, between.issues(device, firmware), root.issues(between, [authority(3)])])).toContain('may not issue others');
    expect(reason([between.issues(key, pivExtensions(serial)), device.issues(between, [...firmware, authority(0)]), silent])).toBe('the certificate "CN=Device" may not issue others');
  });

  test('authorities issue no deeper than they may', () => {
    const between = new Maker('Between');
    const below = between.issues(device, [...firmware, authority(0)]);
    expect(judged([ofKey, below, root.issues(between, [authority(1)])]).verdict).toBe('generated-on-device');
    expect(reason([ofKey, below, root.issues(between, [authority(0)])])).toBe('the certificate "CN=Between" may not issue others');
  });

  test('a signature without the name, and an authority that may not sign certificates', () => {
    const elsewhere = issueCertificate({ subject: key.name, issuer: 'Another Device', spki: key.key.spki, by: device.key, extensions: pivExtensions(serial) });
    expect(reason([elsewhere, ofDevice])).toBe('the root "CN=Another Device" is not one that Strongroom knows');
    const forUsage = (...names: Parameters<typeof writeKeyUsage>[0]) => root.issues(device, [...firmware, authority(0), { oid: '2.5.29.15', value: writeKeyUsage(names) }]);
    expect(judged([ofKey, forUsage('keyCertSign')]).verdict).toBe('generated-on-device');
    expect(reason([ofKey, forUsage('digitalSignature')])).toContain('may not issue others');
    const noAuthority = { oid: '2.5.29.19', value: writeDer(0x30) };
    expect(reason([ofKey, root.issues(device, [...firmware, noAuthority])])).toContain('may not issue others');
  });

  test('a root vouches for its own kind of device, and through its own authority', () => {
    const [right, wrong] = [new Maker('PIV Authority 1'), new Maker('FIDO Authority 1')];
    const through = root.knownFor('yubico-piv', 'PIV Authority ');
    const below = (between: Maker) => [ofKey, between.issues(device, [...firmware, authority(0)]), root.issues(between, [authority(1)])];
    expect(judged(below(right), through).verdict).toBe('generated-on-device');
    expect(reason(below(wrong), through)).toBe('the root "Root" does not vouch for a YubiKey of "CN=FIDO Authority 1"');
    expect(reason([ofKey, ofDevice], through)).toContain('does not vouch');
    expect(reason([ofKey, ofDevice], root.knownFor('yubihsm'))).toContain('does not vouch for a YubiKey');
    expect(reason([root.issues(key, pivExtensions(serial))])).toBe('the attestation was not made by a YubiKey');
  });

  test('a chain without end', () => {
    const makers = Array.from({ length: 9 }, (_, index) => new Maker(`Level ${index}`));
    const chain = makers.slice(1).map((maker, index) => (makers[index] as Maker).issues(maker, [authority(9)]));
    const last = makers.at(-1) as Maker;
    expect(reason([last.issues(key, pivExtensions(serial)), ...chain])).toBe('it expected at most 5 certificates up to its root');
    const [a, b] = [new Maker('A'), new Maker('B')];
    expect(reason([a.issues(key, pivExtensions(serial)), a.issues(b, [authority(9)]), b.issues(a, [authority(9)])])).toContain('is not');
  });

  test('extensions that say too much, too little, or twice', () => {
    const arc = '1.3.6.1.4.1.41482.3';
    const withPolicy = (...bytes: readonly number[]) => device.issues(key, [...firmware, { oid: `${arc}.8`, value: Uint8Array.from(bytes) }]);
    expect(judged([withPolicy(3, 1), ofDevice])).toMatchObject({ verdict: 'generated-on-device', notChecked: expect.arrayContaining(['which device it is: the attestation does not say its serial number']) });
    expect(reason([withPolicy(3, 1, 1), ofDevice])).toContain(`the extension ${arc}.8 expected 2 bytes, got 3`);
    expect(reason([device.issues(key, firmware), ofDevice])).toBe('what was given holds no attestation of a key');
    expect(reason([device.issues(key, [...pivExtensions(serial), ...firmware]), ofDevice])).toContain('stands twice');
    expect(judged([withPolicy(9, 9), ofDevice]).attested?.facts).toEqual(['firmware 5.2.7', 'PIN: not known here (9)', 'touch: not known here (9)']);
  });

  test('files that would cost too much to look at', () => {
    const many = Array.from({ length: 17 }, (_, index) => root.issues(new Maker(`Device ${index}`), firmware));
    const pem = (ders: readonly Uint8Array[]) => new TextEncoder().encode(ders.map((der) => writePem('CERTIFICATE', der)).join(''));
    expect(readEvidence(pem(many.slice(0, 16)))).toHaveLength(16);
    expect(() => readEvidence(pem(many))).toThrow('expected at most 16 certificates');
    expect(() => readEvidence(pem([root.issues(device, [{ oid: '1.2.3', value: new Uint8Array(16_384) }])]))).toThrow('one of 16');
  });

  test('another key, and two attestations at once', () => {
    expect(verifyAttestation([ofKey, ofDevice], { spki: other.key.spki }, trusted)).toMatchObject({ verdict: 'unproven', reason: expect.stringContaining('of another key') });
    expect(verifyAttestation([ofKey, ofDevice], { spki: key.key.spki }, trusted).verdict).toBe('generated-on-device');
    expect(reason([ofKey, device.issues(other, pivExtensions(serial)), ofDevice])).toBe('what was given holds 2 attestations: give one at a time');
  });

  test('RSA keys of a firmware that makes weak ones are named', () => {
    const [attestation] = sample('yubikey-4.3.5.pem') as [Uint8Array];
    const spki = verifyAttestation([attestation], {}, known).spki as Uint8Array;
    const weak = (patch: number) => issueCertificate({ subject: 'Key', issuer: 'Device', spki, by: device.key, extensions: [{ oid: '1.3.6.1.4.1.41482.3.3', value: Uint8Array.of(4, 3, patch) }, ...pivExtensions(serial).slice(1)] });
    expect(judged([weak(4), ofDevice]).attested?.facts.at(-1)).toContain('CVE-2017-15361');
    expect(JSON.stringify(judged([weak(5), ofDevice]).attested)).not.toContain('CVE');
  });
});

describe('a YubiHSM says how a key came to be', () => {
  const arc = '1.3.6.1.4.1.41482.4';
  const [root, device, key] = [new Maker('Root'), new Maker('YubiHSM Attestation (1)'), new Maker('YubiHSM Attestation id:0x0001')];
  const hsm = (origin: number, number = 1): readonly MadeExtension[] => [
    { oid: `${arc}.1`, value: writeDer(0x04, Uint8Array.of(2, 4, 0)) },
    { oid: `${arc}.2`, value: writeUnsigned(Uint8Array.of(number)) },
    { oid: `${arc}.3`, value: writeBitString(Uint8Array.of(origin)) },
    { oid: `${arc}.5`, value: writeBitString(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x20)) },
  ];
  const ofDevice = root.issues(device, [{ oid: `${arc}.2`, value: writeUnsigned(Uint8Array.of(1)) }, authority(0)]);
  const judged = (origin: number, number = 1) => verifyAttestation([device.issues(key, hsm(origin, number)), ofDevice], {}, root.knownFor('yubihsm'));

  test.each([[0x01, 'generated-on-device'], [0x02, 'imported'], [0x03, 'imported'], [0x10, 'imported'], [0x11, 'imported'], [0x12, 'imported'], [0x00, 'unproven'], [0x04, 'unproven'], [0x05, 'unproven'], [0x80, 'unproven']])('origin %i is %s', (origin, verdict) => {
    expect(judged(origin).verdict).toBe(verdict);
  });

  test('a key that came wrapped says so, whatever it says besides', () => {
    expect(judged(0x11).reason).toBe('the YubiHSM 2 with the serial number 1 says that the key was brought to it; attested under "Root"');
    expect(judged(0x01).attested?.facts).toEqual(['firmware 2.4.0', 'cannot leave the device']);
  });

  test('of another device than the one that signed', () => {
    expect(judged(0x01, 2)).toMatchObject({ verdict: 'unproven', reason: expect.stringContaining('two serial numbers, 2 and 1') });
  });
});

describe('a SmartCard-HSM signs for the keys that it generated', () => {
  const file = (name: string) => new Uint8Array(Buffer.from(readFileSync(samplePath(`${name}.hex`), 'utf8').replace(/\s/g, ''), 'hex'));
  const [request, requestOfRsa, ofCard] = [file('nitrokey-hsm-p256'), file('nitrokey-hsm-rsa2048'), readEvidence(file('nitrokey-hsm-device'))];
  const [card, issuer] = ofCard as [Uint8Array, Uint8Array];
  const judged = (evidence: readonly Uint8Array[], expected: Parameters<typeof verifyAttestation>[1] = {}) => verifyAttestation(evidence, expected, known);

  /** OpenSSL, with a point of brainpoolP256r1 and r, s as a card writes them. */
  const opensslVerifies = (point: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
    const spki = writeDer(0x30, writeDer(0x30, writeOid('1.2.840.10045.2.1'), writeOid('1.3.36.3.3.2.8.1.1.7')), writeBitString(point));
    writeFileSync(join(folder, 'card.pub'), writePem('PUBLIC KEY', spki));
    writeFileSync(join(folder, 'card.sig'), writeDer(0x30, writeUnsigned(signature.subarray(0, 32)), writeUnsigned(signature.subarray(32))));
    writeFileSync(join(folder, 'card.in'), message);
    return execFileSync('openssl', ['dgst', '-sha256', '-verify', 'card.pub', '-signature', 'card.sig', 'card.in'], { cwd: folder, encoding: 'utf8' });
  };
  const pointOf = (cvc: Uint8Array) => cvcValues(readCvc(cvc).publicKey).find(({ tag }) => tag === '86')?.content as Uint8Array;

  test.each([['P-256', request, '91493c73de01b630faa8122b131fa09d5241d2c41968213db8cfa4481a331f2a'], ['RSA-2048', requestOfRsa, 'dfa76329fe003cf6bc93c33a1b4041683bb3d91cd573cfefb09720df5bed263f']])('%s: the public key is the one that its owner published, and the card the one with this number', (_, attestation, fingerprint) => {
    const found = judged([attestation, ...ofCard], { serial: 'DENK0404144' });
    expect(found).toMatchObject({ verdict: 'generated-on-device', reason: 'the SmartCard-HSM with the serial number DENK0404144 made the key itself; attested under "DESRCACC100001"', path: ['DENK040414400001', 'DENK040414400000', 'DEDINK0400001', 'DESRCACC100001'].with(0, readAuthenticatedRequest(attestation).request.holder) });
    expect(toHex(sha256(found.spki as Uint8Array))).toBe(fingerprint);
    expect(evidenceFor([issuer, card, attestation], found.spki as Uint8Array)).toEqual({ evidence: [attestation, issuer, card], attests: true });
  });

  test('OpenSSL verifies each signature of the path', () => {
    const { signed, signature } = readAuthenticatedRequest(request);
    const root = known.cvcRoots[0]?.bytes as Uint8Array;
    for (const [issuing, message, made] of [[card, signed, signature], [issuer, readCvc(card).signed, readCvc(card).signature], [root, readCvc(issuer).signed, readCvc(issuer).signature], [root, readCvc(root).signed, readCvc(root).signature]] as const) expect(opensslVerifies(pointOf(issuing), message, made)).toContain('Verified OK');
  });

  test.each<[string, readonly Uint8Array[], Parameters<typeof verifyAttestation>[1], string]>([
    ['another card', [request, ...ofCard], { serial: 'DENK0404145' }, 'it is the attestation of the SmartCard-HSM with the serial number DENK0404144, and DENK0404145 was expected'],
    ['another key', [request, ...ofCard], { spki: makePair().spki }, 'of another key'],
    ['no certificate of the card', [request, issuer], {}, 'the card "DENK040414400000" that it names did not sign it'],
    ['no certificate of its issuer', [request, card], {}, 'the issuer "DEDINK0400001" of the card did not sign its certificate'],
    ['the certificates alone', ofCard, {}, 'holds no attestation'],
    ['two at once', [request, requestOfRsa, ...ofCard], {}, 'holds 2 attestations'],
  ])('%s: unproven', (_, evidence, expected, reason) => {
    expect(judged(evidence, expected)).toMatchObject({ verdict: 'unproven', reason: expect.stringContaining(reason) });
  });

  test('under a root that nobody knows it is unproven', () => {
    expect(verifyAttestation([request, ...ofCard], {}, { ...known, cvcRoots: [] })).toMatchObject({ verdict: 'unproven', reason: 'the root "DESRCACC100001" is not one that Strongroom knows' });
  });

  describe('forged', () => {
    const [scheme, issuing, ofCardKey, another] = [makeCardKey(), makeCardKey(), makeCardKey(), makeCardKey()];
    const [schemeName, issuerName, cardName] = ['DESCHEME00001', 'DEISSUER00001', 'DECARD000100000'];
    const schemeRoot = certifyCard({ holder: schemeName, authority: schemeName, role: 0xc0, point: scheme.point, by: scheme });
    const trusted = { ...known, cvcRoots: [{ name: schemeName, bytes: schemeRoot }] };
    const issuerWith = (role: number) => certifyCard({ holder: issuerName, authority: schemeName, role, point: issuing.point, by: scheme });
    const cardWith = (role: number) => certifyCard({ holder: cardName, authority: issuerName, role, point: ofCardKey.point, by: issuing });
    const honest = requestOfCard(cardName, ofCardKey);
    const verdictOf = (...evidence: readonly Uint8Array[]) => verifyAttestation(evidence, {}, trusted);

    test('what is honest is believed', () => expect(verdictOf(honest, cardWith(0), issuerWith(0x80))).toMatchObject({ verdict: 'generated-on-device', attested: { serial: 'DECARD0001' } }));

    test.each<[string, readonly Uint8Array[], string]>([
      ['by an issuer that is no authority', [honest, cardWith(0), issuerWith(0)], 'the issuer "DEISSUER00001" of the card did not sign'],
      ['by an issuer with a role of another scheme', [honest, cardWith(0), certifyCard({ holder: issuerName, authority: schemeName, role: 0x80, scheme: '2b0601040181c31f030102', point: issuing.point, by: scheme })], 'the issuer "DEISSUER00001" of the card did not sign'],
      ['by a card that is an authority', [honest, cardWith(0x80), issuerWith(0x80)], 'is an authority, and no card'],
      ['by the issuer in place of a card', [requestOfCard(issuerName, issuing), issuerWith(0x80)], 'did not sign its certificate'],
      ['by another key than the card that it names', [requestOfCard(cardName, another), cardWith(0), issuerWith(0x80)], 'did not sign it'],
      ['in the name of another card', [requestOfCard('DECARD000200000', ofCardKey), cardWith(0), issuerWith(0x80)], 'the card "DECARD000200000" that it names'],
      ['of a key on a curve with a number of its own', [requestOfCard(cardName, ofCardKey, 5n), cardWith(0), issuerWith(0x80)], 'of a kind that is not read here'],
    ])('%s: unproven', (_, evidence, why) => {
      expect(verdictOf(...evidence)).toMatchObject({ verdict: 'unproven', reason: expect.stringContaining(why) });
    });
  });

  test('changed in any byte it is unproven', () => {
    const evidence = [request, ...ofCard];
    const [change = 1] = fc.sample(fc.integer({ min: 1, max: 255 }), 1);
    evidence.forEach((part, which) => {
      for (let at = 0; at < part.length; at += which === 0 ? 1 : 4) {
        const changed = part.with(at, (part[at] ?? 0) ^ change);
        expect(judged(evidence.with(which, changed)).verdict, `byte ${at} of ${which} changed by ${change}`).toBe('unproven');
      }
    });
  }, 30_000);
});

describe('no change of a chain makes it another proof', () => {
  const unproven = (evidence: readonly Uint8Array[], expected: Parameters<typeof verifyAttestation>[1] = {}) => expect(verifyAttestation(evidence, expected, known).verdict).toBe('unproven');

  test.each([['yubikey-4.3.5.pem', 1], ['yubihsm-2.4.pem', 3]])('%s: every byte, or every third', (file, step) => {
    const chain = sample(file);
    const [change = 1] = fc.sample(fc.integer({ min: 1, max: 255 }), 1);
    chain.forEach((der, which) => {
      for (let at = 0; at < der.length; at += step) {
        const changed = der.with(at, (der[at] ?? 0) ^ change);
        unproven(chain.with(which, changed));
      }
    });
  }, 30_000);

  test('bytes taken out, put in, doubled; certificates of two devices mixed', () => {
    const chains = ['yubikey-4.3.5.pem', 'yubikey-5.2.6.pem', 'yubikey-5.7.4.pem', 'yubihsm-2.4.pem'].map(sample) as [Uint8Array, Uint8Array][];
    fc.assert(
      fc.property(fc.constantFrom(...chains), fc.nat(1), fc.nat(), fc.nat(3), fc.uint8Array({ maxLength: 3 }), (chain, which, where, out, put) => {
        const der = chain[which] as Uint8Array;
        const at = where % der.length;
        const changed = Uint8Array.from([...der.subarray(0, at), ...put, ...der.subarray(at + out)]);
        fc.pre(Buffer.compare(changed, der) !== 0);
        unproven(chain.with(which, changed));
      }),
      { numRuns: 400 },
    );
    for (const [attestation] of chains) for (const [, device] of chains) if (!chains.some(([own, above]) => own === attestation && above === device)) unproven([attestation, device]);
  });
});
