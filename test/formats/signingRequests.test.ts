/** Certificate requests and chains: made here and read by OpenSSL and python3-cryptography, made there and read here. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { writeDer } from '../../electron/vault/crypto/derWriter.ts';
import { writePem } from '../../electron/vault/formats/pem.ts';
import { readRecipientKey } from '../../electron/vault/formats/recipientKey.ts';
import { readCertificateChain, readCertificates } from '../../electron/vault/formats/signing/certificateChain.ts';
import { makeCertificateRequest, readCertificateRequest, requestLabel } from '../../electron/vault/formats/signing/certificateRequest.ts';
import type { RequestContent } from '../../electron/vault/formats/signing/certificateRequest.ts';
import { readTime, writeTime } from '../../electron/vault/formats/signing/derTime.ts';
import { readName, writeName } from '../../electron/vault/formats/signing/distinguishedName.ts';
import type { SignatureMechanism } from '../../shared/model/terms.ts';
import { ProgramFolder, ecTestKey, ed25519TestKey, mlDsaTestKey, rsaTestKey } from '../fixtures/documentSigners.ts';

const folder = new ProgramFolder();
afterAll(() => folder.remove());

const rsa = rsaTestKey();
const ec = { 'P-256': ecTestKey('P-256'), 'P-384': ecTestKey('P-384'), 'P-521': ecTestKey('P-521') };
const ed25519 = ed25519TestKey();

const server: RequestContent = {
  subject: 'CN=vault.example.org,OU=Keys,O=Ümlaut\\, Inc.,C=DE',
  sans: [
    { kind: 'dns', value: 'vault.example.org' },
    { kind: 'dns', value: '*.straße.example' },
    { kind: 'ip', value: '192.0.2.7' },
    { kind: 'ip', value: '2001:db8::1' },
    { kind: 'email', value: 'officer@example.org' },
    { kind: 'uri', value: 'https://example.org/keys?a=%20' },
  ],
  template: 'server',
};
const plain: RequestContent = { subject: 'CN=case', sans: [], template: 'none' };

const base64 = (text: string) => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'base64'));
const pem = (label: string, der: Uint8Array) => new Uint8Array(Buffer.from(writePem(label, der)));
const sha256Hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a request that is made here', () => {
  test.each<[string, { readonly spki: Uint8Array; signer(mechanism: SignatureMechanism): Parameters<typeof makeCertificateRequest>[1] }, SignatureMechanism]>([
    ['RSA', rsa, 'rsa-pkcs1-sha256'],
    ['RSA', rsa, 'rsa-pss-sha384'],
    ['P-256', ec['P-256'], 'ecdsa-sha256'],
    ['P-384', ec['P-384'], 'ecdsa-sha384'],
    ['P-521', ec['P-521'], 'ecdsa-sha512'],
    ['Ed25519', ed25519, 'ed25519'],
  ])('with %s is verified by OpenSSL and python3-cryptography, and says the same here', async (_, key, mechanism) => {
    const der = await makeCertificateRequest(server, key.signer(mechanism));
    folder.write('r.pem', writePem(requestLabel, der));
    expect(folder.run('sh', '-c', 'openssl req -in r.pem -verify -noout 2>&1')).toContain('verify OK');
    const text = folder.run('openssl', 'req', '-in', 'r.pem', '-noout', '-text', '-nameopt', 'RFC2253,utf8,-esc_msb');
    expect(text).toContain('DNS:vault.example.org, DNS:*.xn--strae-oqa.example, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:1, email:officer@example.org, URI:https://example.org/keys?a=%20');
    expect(text).toContain('Subject: CN=vault.example.org,OU=Keys,O=Ümlaut\\, Inc.,C=DE');
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toContain('TLS Web Server Authentication');
    const script = "from cryptography import x509; r=x509.load_pem_x509_csr(open('r.pem','rb').read()); print(r.is_signature_valid, r.subject.rfc4514_string(), [str(n.value) for n in r.extensions.get_extension_for_class(x509.SubjectAlternativeName).value])";
    expect(folder.run('python3', '-c', script)).toContain("True CN=vault.example.org,OU=Keys,O=Ümlaut\\, Inc.,C=DE ['vault.example.org', '*.xn--strae-oqa.example', '192.0.2.7', '2001:db8::1', 'officer@example.org', 'https://example.org/keys?a=%20']");
    const facts = readCertificateRequest(folder.read('r.pem'));
    expect(facts).toMatchObject({ subject: server.subject, mechanism, signatureValid: true, keyUsages: ['digitalSignature'], keyUsagesCritical: true, extendedKeyUsages: ['serverAuth'], isAuthority: false, attributes: [], warnings: [] });
    expect(facts.spki).toEqual(key.spki);
    expect(facts.alternativeNames.map(({ value }) => value)).toEqual(['vault.example.org', '*.xn--strae-oqa.example', '192.0.2.7', '2001:db8::1', 'officer@example.org', 'https://example.org/keys?a=%20']);
  });

  test('with ML-DSA-65 verifies here (RFC 9881)', async () => {
    const facts = readCertificateRequest(await makeCertificateRequest(plain, mlDsaTestKey().signer('ml-dsa-65')));
    expect(facts).toMatchObject({ kind: 'ml-dsa-65', mechanism: 'ml-dsa-65', signatureValid: true });
  });

  test('without extensions has the bytes A0 00 behind its public key', async () => {
    const der = Buffer.from(await makeCertificateRequest(plain, ec['P-256'].signer('ecdsa-sha256')));
    const after = der.indexOf(ec['P-256'].spki) + ec['P-256'].spki.length;
    expect(der.subarray(after, after + 2).toString('hex')).toBe('a000');
  });

  test.each([
    ['client', 'Digital Signature', 'TLS Web Client Authentication'],
    ['code-signing', 'Digital Signature', 'Code Signing'],
    ['email', 'Digital Signature', 'E-mail Protection'],
    ['document-signing', 'Digital Signature, Non Repudiation', '1.3.6.1.5.5.7.3.36'],
    ['sub-ca', 'Certificate Sign, CRL Sign', 'CA:TRUE, pathlen:0'],
  ] as const)('for %s asks OpenSSL for %s and %s', async (template, usages, more) => {
    folder.write('t.der', await makeCertificateRequest({ ...plain, template }, ec['P-256'].signer('ecdsa-sha256')));
    const text = folder.run('openssl', 'req', '-in', 't.der', '-inform', 'DER', '-noout', '-text');
    expect(text).toContain(`${usages}\n`);
    expect(text).toContain(more);
    const facts = readCertificateRequest(folder.read('t.der'));
    expect(facts.keyUsagesCritical).toBe(true);
    expect([facts.isAuthority, facts.pathLength]).toEqual(template === 'sub-ca' ? [true, 0] : [false, undefined]);
  });

  test('may name nobody, where it has alternative names: they are critical then (RFC 5280 §4.1.2.6)', async () => {
    const facts = readCertificateRequest(await makeCertificateRequest({ subject: '', sans: [{ kind: 'dns', value: 'a.example' }], template: 'none' }, ed25519.signer('ed25519')));
    expect(facts).toMatchObject({ subject: '', all: [{ oid: '2.5.29.17', critical: true }] });
    await expect(makeCertificateRequest({ subject: ' ', sans: [], template: 'none' }, ed25519.signer('ed25519'))).rejects.toMatchObject({ code: 'request-invalid' });
  });

  test('is not made where the key signs something else', async () => {
    const wrong = { ...ec['P-256'].signer('ecdsa-sha256'), spki: ecTestKey('P-256').spki };
    await expect(makeCertificateRequest(plain, wrong)).rejects.toMatchObject({ code: 'signature-invalid' });
  });

  test.each<[RequestContent['sans'][number]]>([
    [{ kind: 'dns', value: 'a b.example' }],
    [{ kind: 'dns', value: '-a.example' }],
    [{ kind: 'dns', value: 'a..example' }],
    [{ kind: 'dns', value: '192.0.2.1' }],
    [{ kind: 'dns', value: 'a.*.example' }],
    [{ kind: 'dns', value: `${'a'.repeat(64)}.example` }],
    [{ kind: 'dns', value: 'xn--straße.example' }],
    [{ kind: 'dns', value: 'straße@evil.example' }],
    [{ kind: 'dns', value: 'straße.example:443' }],
    [{ kind: 'dns', value: 'evil.example/straße' }],
    [{ kind: 'dns', value: 'evil.example\u200b' }],
    [{ kind: 'dns', value: '' }],
    [{ kind: 'ip', value: '192.0.2.256' }],
    [{ kind: 'ip', value: '192.0.2.01' }],
    [{ kind: 'ip', value: '1::2::3' }],
    [{ kind: 'ip', value: '1:2:3:4:5:6:7' }],
    [{ kind: 'ip', value: '10.0.0.0/8' }],
    [{ kind: 'email', value: 'officer' }],
    [{ kind: 'email', value: 'büro@example.org' }],
    [{ kind: 'uri', value: '/keys' }],
    [{ kind: 'uri', value: 'https://example.org/ü' }],
  ])('refuses the alternative name %o', async (san) => {
    await expect(makeCertificateRequest({ ...plain, sans: [san] }, ed25519.signer('ed25519'))).rejects.toMatchObject({ code: 'request-invalid', field: 'sans' });
  });

  test.each([['::', '0:0:0:0:0:0:0:0'], ['::ffff:192.0.2.1', '0:0:0:0:0:FFFF:C000:201'], ['fe80::1:2', 'FE80:0:0:0:0:0:1:2'], ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'], ['1::', '1:0:0:0:0:0:0:0']])('writes the address %s', async (value, shownByOpenssl) => {
    folder.write('ip.der', await makeCertificateRequest({ ...plain, sans: [{ kind: 'ip', value }] }, ed25519.signer('ed25519')));
    expect(folder.run('openssl', 'req', '-in', 'ip.der', '-inform', 'DER', '-noout', '-text')).toContain(`IP Address:${shownByOpenssl}\n`);
  });
});

describe('names', () => {
  test.each([
    ['CN=a', 'CN=a'],
    ['cn = a b , o=c', 'CN=a b,O=c'],
    ['CN=\\ a\\ ,O=\\#b', 'CN=\\ a\\ ,O=\\#b'],
    ['CN=L\\C4\\8Di\\C4\\87', 'CN=Lčić'],
    ['CN=a=b', 'CN=a=b'],
    ['CN=b+OU=a,O=c', 'CN=b+OU=a,O=c'],
    ['2.5.4.10=x,E=a@b.example', 'O=x,emailAddress=a@b.example'],
    ['CN=a\\"b\\\\c\\;d\\<e\\>f\\+g', 'CN=a\\"b\\\\c\\;d\\<e\\>f\\+g'],
    ['serialNumber=12-34,CN=a', 'serialNumber=12-34,CN=a'],
  ])('%s is %s', (text, shown) => expect(readName(writeName(text), 'name')).toBe(shown));

  test('a list stands in the order of the certificate', () => {
    expect(readName(writeName([{ type: 'C', value: 'DE' }, { type: 'CN', value: 'a, b' }]), 'name')).toBe('CN=a\\, b,C=DE');
  });

  test.each(['CN', 'CN=a,', ',CN=a', 'CN=a;O=b', 'CN="a"', 'XX=a', 'C=de', 'C=DEU', 'CN=', `CN=${'a'.repeat(65)}`, 'CN=#0c0161', 'CN=a\\', 'CN=\\FF', 'CN=a\u202eb', 'CN=a\nb', 'serialNumber=ü', 'emailAddress=ü@example.org'])('%j is refused', (text) => {
    expect(() => writeName(text)).toThrow(expect.objectContaining({ code: 'request-invalid', field: 'subject' }));
  });
});

describe('a request that comes in', () => {
  /** One key; without the attributes field, with an empty one, with a password and extensions. */
  const missing = base64(`MIHKMHICAQAwEjEQMA4GA1UEAwwHY2FzZSAzMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGd/uLT6y5bws7XcGwLgx0EfFyF5Eu56qFcD1I9/TEQ7zPt/9fjR+U8i6Ca9leeye6r5MKgRS/lEGygpEpmvXlUwCgYIKoZIzj0EAwIDSAAwRQIgebyYI9w/oSseYzFBXSbYVZHtop913THB43K5kwuqdEkCIQDqXzB83ZXWalsPwsAiAEMsHXT65X+RZg2ElgHRQ1Y3ug==`);

  test('without the attributes field is taken, with a warning', () => {
    const facts = readCertificateRequest(missing);
    expect(facts).toMatchObject({ subject: 'CN=case 31', signatureValid: true, warnings: ['attributes field missing (RFC 2986 makes it mandatory)'] });
    expect(sha256Hex(facts.spki)).toBe('9cd438f8828b40f8e0e1a7b0f1d0ca5b3f7eb3d4042f6ef9a00f476fec47c478');
    expect(readCertificateRequest(pem('NEW CERTIFICATE REQUEST', missing)).warnings).toHaveLength(1);
  });

  test('that was changed does not prove possession', () => {
    const changed = missing.with(25, 0x44);
    expect(readCertificateRequest(changed)).toMatchObject({ signatureValid: false, warnings: [expect.any(String), expect.stringContaining('does not prove')] });
  });

  test('from OpenSSL, with a password and other attributes', () => {
    folder.write('k.pem', ec['P-256'].pem);
    folder.write('c.cnf', '[req]\nprompt=no\ndistinguished_name=dn\nattributes=at\nreq_extensions=ext\n[dn]\nC=DE\nCN=case\n[at]\nchallengePassword=not secret\nunstructuredName=x\n[ext]\nsubjectAltName=DNS:vault.example.org,dirName:dn,RID:1.2.3,otherName:1.2.3;UTF8:x\nkeyUsage=critical,digitalSignature,decipherOnly\n');
    folder.run('openssl', 'req', '-new', '-key', 'k.pem', '-config', 'c.cnf', '-out', 'o.csr');
    expect(readCertificateRequest(folder.read('o.csr'))).toMatchObject({
      signatureValid: true,
      keyUsages: ['digitalSignature', 'decipherOnly'],
      alternativeNames: [{ kind: 'dns', value: 'vault.example.org' }, { kind: 'directory', value: 'CN=case,C=DE' }, { kind: 'registered-id', value: '1.2.3' }, { kind: 'other' }],
      attributes: ['1.2.840.113549.1.9.2', '1.2.840.113549.1.9.7'],
      warnings: ['challengePassword is readable by everyone'],
    });
  });

  test.each([
    ['-sha1', 'rsa.pem', 'SHA-1 with RSA'],
    ['-sigopt', 'rsa.pem', 'two hashes'],
  ])('signed with %s by %s is refused by name', (option, key, name) => {
    folder.write('rsa.pem', rsa.pem);
    const more = option === '-sigopt' ? ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_mgf1_md:sha512', '-sha256'] : [option];
    folder.run('openssl', 'req', '-new', '-key', key, '-subj', '/CN=a', ...more, '-out', 'x.csr');
    expect(() => readCertificateRequest(folder.read('x.csr'))).toThrow(name);
  });

  test('of a kind of key that is not known is shown, and its signature not called valid', () => {
    folder.run('openssl', 'ecparam', '-name', 'secp256k1', '-genkey', '-noout', '-out', 'k1.pem');
    folder.run('openssl', 'req', '-new', '-key', 'k1.pem', '-subj', '/CN=a', '-out', 'k1.csr');
    expect(readCertificateRequest(folder.read('k1.csr'))).toMatchObject({ kind: undefined, signatureValid: false, warnings: [expect.stringContaining('not known here')] });
  });

  test('two, a private key, another block, bytes behind and a large file are refused', () => {
    const one = writePem(requestLabel, missing);
    const bytes = (text: string) => new Uint8Array(Buffer.from(text));
    expect(() => readCertificateRequest(bytes(one + one))).toThrow('holds 2 of what');
    expect(() => readCertificateRequest(bytes(one + ec['P-256'].pem))).toThrow('holds a private key');
    expect(() => readCertificateRequest(pem('CERTIFICATE', missing))).toThrow('PEM block "CERTIFICATE"');
    expect(() => readCertificateRequest(Uint8Array.from([...missing, 0]))).toThrow('not one DER structure');
    expect(() => readCertificateRequest(new Uint8Array(1024 * 1024 + 1))).toThrow(expect.objectContaining({ code: 'input-too-large' }));
  });
});

describe('times', () => {
  test.each(['ar-EG', 'ar-SA', 'fa-IR', 'en-US'])('under %s are ASCII digits', (locale) => {
    const before = process.env['LC_ALL'];
    process.env['LC_ALL'] = locale;
    try {
      const validity = writeDer(0x30, writeTime(Date.UTC(2026, 0, 1)), writeTime(Date.UTC(2049, 11, 31, 23, 59, 59)));
      expect(Buffer.from(validity).toString('hex')).toBe('301e170d3236303130313030303030305a170d3439313233313233353935395a');
    } finally {
      if (before === undefined) delete process.env['LC_ALL'];
      else process.env['LC_ALL'] = before;
    }
  });

  test('are UTCTime up to 2049, and GeneralizedTime from 2050', () => {
    expect(Buffer.from(writeTime(Date.UTC(2050, 0, 1)).subarray(2)).toString()).toBe('20500101000000Z');
    expect(() => writeTime(Date.UTC(1949, 0, 1))).toThrow('"time" expected');
    const read = (tag: number, text: string) => readTime({ tag, content: Buffer.from(text) });
    expect(read(0x17, '500101000000Z')).toBe(Date.UTC(1950, 0, 1));
    expect(read(0x17, '491231235959Z')).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    for (const wrong of ['????????????Z', '260230000000Z', '261301000000Z', '260101000060Z', '2601010000Z', '260101000000+0100', '٢٦٠١٠١٠٠٠٠٠٠Z', ''])
      expect(read(0x17, wrong), wrong).toBeUndefined();
  });
});

describe('a chain', () => {
  beforeAll(() => {
    folder.write('ca.pem', ec['P-384'].pem);
    folder.write('sub.pem', rsa.pem);
    folder.write('leaf.pem', ec['P-256'].pem);
    folder.write('exts', '[ca]\nbasicConstraints=critical,CA:TRUE,pathlen:1\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n[leaf]\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning,1.2.3.4\nsubjectKeyIdentifier=hash\n');
    folder.run('openssl', 'req', '-x509', '-new', '-key', 'ca.pem', '-subj', '/CN=root', '-days', '30', '-out', 'ca.crt');
    folder.run('sh', '-c', 'openssl req -new -key sub.pem -subj /CN=sub | openssl x509 -req -CA ca.crt -CAkey ca.pem -set_serial 2 -days 20 -extfile exts -extensions ca -out sub.crt');
    folder.run('sh', '-c', 'openssl req -new -key leaf.pem -subj "/C=DE/CN=leaf" | openssl x509 -req -CA sub.crt -CAkey sub.pem -set_serial 0x8f01 -days 10 -sigopt rsa_padding_mode:pss -sha256 -extfile exts -extensions leaf -out leaf.crt');
    folder.run('sh', '-c', 'cat ca.crt leaf.crt sub.crt leaf.crt > chain.pem');
    folder.run('sh', '-c', 'openssl crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out chain.p7b; openssl crl2pkcs7 -nocrl -certfile chain.pem -out chain.p7b.pem; openssl x509 -in leaf.crt -outform DER -out leaf.der');
  });

  test.each(['chain.pem', 'chain.p7b', 'chain.p7b.pem'])('in %s is put in order, and each signature checked', (name) => {
    const { leaf, rest } = readCertificateChain(folder.read(name), ec['P-256'].spki);
    expect(leaf).toMatchObject({ subject: 'CN=leaf,C=DE', issuer: 'CN=sub', serial: '008f01', keyUsages: ['digitalSignature'], extendedKeyUsages: ['codeSigning', '1.2.3.4'], isAuthority: false, issuerSignature: 'verified' });
    expect(leaf.notAfter - leaf.notBefore).toBe(10 * 86_400_000);
    expect(rest.map(({ subject, issuerSignature, isAuthority }) => [subject, issuerSignature, isAuthority])).toEqual([['CN=sub', 'verified', true], ['CN=root', 'self-signed', true]]);
    expect(Buffer.from(leaf.fingerprint).toString('hex')).toBe(folder.run('sh', '-c', 'openssl x509 -in leaf.crt -noout -fingerprint -sha256 | cut -d= -f2 | tr -d :').trim().toLowerCase());
  });

  test('of the certificate alone says that its issuer is not there', () => {
    expect(readCertificateChain(folder.read('leaf.der'), ec['P-256'].spki)).toMatchObject({ leaf: { issuerSignature: 'issuer not in the file' }, rest: [] });
  });

  test('with a certificate that was changed says that the signature is not its issuer\'s', () => {
    const der = Buffer.from(folder.read('leaf.der'));
    der[der.indexOf('leaf')] = 0x4c;
    folder.write('changed.pem', writePem('CERTIFICATE', new Uint8Array(der)) + Buffer.from(folder.read('sub.crt')).toString());
    expect(readCertificateChain(folder.read('changed.pem'), ec['P-256'].spki).leaf).toMatchObject({ subject: 'CN=Leaf,C=DE', issuerSignature: 'invalid' });
  });

  test('of another key is refused with both fingerprints', () => {
    const wanted = sha256Hex(ec['P-521'].spki);
    expect(() => readCertificateChain(folder.read('leaf.der'), ec['P-521'].spki)).toThrow(new RegExp(`SHA-256 ${wanted}, got ${sha256Hex(ec['P-256'].spki)}`));
  });

  test('with two certificates of the key is not guessed at', () => {
    folder.run('sh', '-c', 'openssl req -x509 -new -key leaf.pem -subj /CN=other -days 3 -set_serial 7 -out other.crt; cat leaf.crt other.crt > two.pem');
    expect(() => readCertificateChain(folder.read('two.pem'), ec['P-256'].spki)).toThrow('serial numbers 008f01, 07: expected one');
  });

  test('with dates that are question marks is damaged', () => {
    const der = Buffer.from(folder.read('leaf.der'));
    const at = der.indexOf(Buffer.from([0x17, 0x0d]));
    der.fill('?', at + 2, at + 14);
    expect(() => readCertificates(new Uint8Array(der))).toThrow('the certificate of "CN=leaf,C=DE" is damaged: its validity cannot be read');
    expect(() => readRecipientKey(new Uint8Array(der), { acceptExpired: true, now: Date.now() }), 'nor is it a recipient').toThrow(/its validity.* cannot be read/);
  });
});
