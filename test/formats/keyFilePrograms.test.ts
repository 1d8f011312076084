/** Key files that other programs make: openssl, ssh-keygen, python3-cryptography and keytool, each compared with the public key that the program itself gives. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDesk, readOne, readWith, refusalOf } from '../fixtures/keyFiles.ts';
import type { Desk } from '../fixtures/keyFiles.ts';

let desk: Desk;
const password = 'Zażółć gęślą jaźń 7';
const plain = 'plain-words-19';
const pairs = ['rsa', 'p256', 'p384', 'p521', 'ed25519', 'x25519'] as const;
const algorithms = { rsa: 'rsa-2048', p256: 'ec-p256', p384: 'ec-p384', p521: 'ec-p521', ed25519: 'ed25519', x25519: 'x25519' } as const;

const options: Readonly<Record<(typeof pairs)[number], readonly string[]>> = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  p256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  p521: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  ed25519: ['-algorithm', 'ed25519'],
  x25519: ['-algorithm', 'x25519'],
};

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const spkiOf = (pem: string) => sha256(desk.openssl('pkey', '-in', pem, '-pubout', '-outform', 'DER'));

beforeAll(() => {
  desk = makeDesk();
  for (const pair of pairs) desk.openssl('genpkey', ...options[pair], '-out', `${pair}.pem`);
  for (const pair of ['rsa', 'p256'] as const) desk.openssl('req', '-x509', '-key', `${pair}.pem`, '-subj', `/CN=${pair}`, '-days', '9', '-out', `${pair}.crt`);
}, 60_000);
afterAll(() => desk.clear());

describe('openssl', () => {
  test.each(pairs)('%s: PKCS#8 in PEM and DER; what is kept is PKCS#8 that openssl reads', async (pair) => {
    desk.openssl('pkcs8', '-topk8', '-nocrypt', '-in', `${pair}.pem`, '-outform', 'DER', '-out', `${pair}.der`);
    for (const file of [`${pair}.pem`, `${pair}.der`]) {
      const { what, spkiSha256, material } = await readOne(desk.read(file));
      expect([what, spkiSha256]).toEqual([algorithms[pair], spkiOf(`${pair}.pem`)]);
      desk.write('kept.der', material);
      expect(sha256(desk.openssl('pkey', '-inform', 'DER', '-in', 'kept.der', '-pubout', '-outform', 'DER'))).toBe(spkiSha256);
    }
  });

  test.each([
    ['PKCS#1', ['rsa', '-traditional', '-in', 'rsa.pem'], 'rsa.pem'],
    ['PKCS#1 in DER', ['rsa', '-traditional', '-in', 'rsa.pem', '-outform', 'DER'], 'rsa.pem'],
    ['SEC1', ['ec', '-in', 'p384.pem'], 'p384.pem'],
    ['SEC1 without its public point', ['ec', '-in', 'p521.pem', '-no_public'], 'p521.pem'],
    ['SEC1 with a compressed point', ['ec', '-in', 'p256.pem', '-conv_form', 'compressed'], 'p256.pem'],
    ['SEC1 with a hybrid point', ['ec', '-in', 'p384.pem', '-conv_form', 'hybrid'], 'p384.pem'],
    ['SEC1 with the curve in numbers', ['ec', '-in', 'p384.pem', '-param_enc', 'explicit'], 'p384.pem'],
    ['SEC1 with the curve in numbers and compressed', ['ec', '-in', 'p521.pem', '-param_enc', 'explicit', '-conv_form', 'compressed'], 'p521.pem'],
    ['SEC1 in DER', ['ec', '-in', 'p521.pem', '-outform', 'DER'], 'p521.pem'],
  ])('%s', async (_, command, source) => {
    desk.openssl(...command, '-out', 'form');
    expect((await readOne(desk.read('form'))).spkiSha256).toBe(spkiOf(source));
  });

  test.each([
    ['rsa.pem', ['-v2', 'aes-128-cbc']],
    ['p256.pem', ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA384']],
    ['p384.pem', ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA1', '-iter', '77777']],
    ['p521.pem', ['-v2', 'des3', '-v2prf', 'hmacWithSHA224']],
    ['ed25519.pem', ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512']],
    ['x25519.pem', ['-scrypt']],
    ['rsa.pem', ['-v2', 'aes-256-cbc', '-iter', '2500000']],
    ['p256.pem', ['-v1', 'PBE-SHA1-3DES']],
    ['p256.pem', ['-v1', 'PBE-SHA1-2DES', '-iter', '3000']],
  ])('%s encrypted %j opens with its password and with no other', async (source, how) => {
    desk.openssl('pkcs8', '-topk8', '-in', source, ...how, '-passout', `pass:${password}`, '-out', 'enc.pem');
    const { spkiSha256, asked } = await readOne(desk.read('enc.pem'), password);
    expect(spkiSha256).toBe(spkiOf(source));
    expect(asked[0]?.notes[0]).toMatch(/^encrypted with (AES-(128|192|256)-CBC|3DES)/);
    expect(await refusalOf(desk.read('enc.pem'), password.normalize('NFD'))).toMatchObject({ code: 'wrong-file-password' });
  }, 60_000);

  test.each(['aes128', 'aes192', 'aes256', 'des3'])('traditional PEM encryption, %s', async (cipher) => {
    desk.openssl('rsa', '-traditional', '-in', 'rsa.pem', `-${cipher}`, '-passout', `pass:${plain}`, '-out', 'old.pem');
    const { spkiSha256, notes } = await readOne(desk.read('old.pem'), plain);
    expect(spkiSha256).toBe(spkiOf('rsa.pem'));
    expect(notes).toContain('one round of MD5');
    expect(await refusalOf(desk.read('old.pem'), 'x')).toMatchObject({ code: 'wrong-file-password' });
  });

  test('a traditional cipher that is not read is refused with the command', async () => {
    desk.openssl('ec', '-in', 'p256.pem', '-camellia128', '-passout', `pass:${plain}`, '-out', 'old.pem');
    expect(await refusalOf(desk.read('old.pem'), plain)).toMatchObject({ code: 'input-malformed', asked: 0, message: expect.stringContaining('CAMELLIA-128-CBC'), nextStep: expect.stringContaining('openssl pkcs8') });
  });

  test.each([
    ['defaults', []],
    ['SHA-512 and many rounds', ['-macalg', 'sha512', '-iter', '300000', '-certpbe', 'AES-128-CBC', '-keypbe', 'AES-192-CBC']],
    ['3DES of old', ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']],
    ['no MAC', ['-nomac']],
    ['no encryption', ['-keypbe', 'NONE', '-certpbe', 'NONE']],
  ])('PKCS#12, %s, with its chain', async (name, how) => {
    desk.openssl('pkcs12', '-export', '-inkey', 'p256.pem', '-in', 'p256.crt', '-name', 'ключ "é"', ...how, '-passout', `pass:${password}`, '-out', 'f.p12');
    const read = await readOne(desk.read('f.p12'), password);
    expect([read.name, read.spkiSha256]).toEqual(['ключ "é"', spkiOf('p256.pem')]);
    expect(read.certificates.map(sha256)).toEqual([sha256(desk.openssl('x509', '-in', 'p256.crt', '-outform', 'DER'))]);
    if (name === 'no MAC') expect(read.asked[0]?.notes[0]).toContain('no integrity check');
    expect(await refusalOf(desk.read('f.p12'), `${password} `)).toMatchObject({ code: 'wrong-file-password' });
  });

  test('PKCS#12 with certificates under RC2: the key is read, what was left out is said with the command', async () => {
    desk.openssl('pkcs12', '-export', '-legacy', '-inkey', 'rsa.pem', '-in', 'rsa.crt', '-passout', `pass:${plain}`, '-out', 'old.p12');
    const { spkiSha256, fileNotes } = await readOne(desk.read('old.p12'), plain);
    expect(spkiSha256).toBe(spkiOf('rsa.pem'));
    expect(fileNotes.join()).toMatch(/RC2 of 40 bits.*openssl pkcs12 -legacy/);
  });

  test('PKCS#12 without any protection is read without a password', async () => {
    desk.openssl('pkcs12', '-export', '-inkey', 'p256.pem', '-in', 'p256.crt', '-nomac', '-keypbe', 'NONE', '-certpbe', 'NONE', '-passout', 'pass:', '-out', 'bare.p12');
    const read = await readOne(desk.read('bare.p12'));
    expect([read.asked.length, read.spkiSha256]).toEqual([0, spkiOf('p256.pem')]);
    expect(read.fileNotes.join()).toContain('no integrity check');
  });

  test('several keys in one PEM, with certificates, are several entries', async () => {
    desk.write('all.pem', Buffer.concat([desk.read('rsa.crt'), desk.read('p256.pem'), desk.read('rsa.pem')]));
    const { entries } = await readWith(desk.read('all.pem'));
    expect(entries.map(({ name, what, certificates }) => [name, what, certificates.length])).toEqual([['entry 1', 'ec-p256', 0], ['entry 2', 'rsa-2048', 1]]);
  });

  test('a key of another kind, or of a size that is not kept', async () => {
    desk.openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1', '-out', 'k1.pem');
    expect((await refusalOf(desk.read('k1.pem'))).message).toContain('got secp256k1');
    desk.openssl('genpkey', '-algorithm', 'ed448', '-out', 'ed448.pem');
    expect((await refusalOf(desk.read('ed448.pem'))).message).toContain('Ed448');
    desk.openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024', '-out', 'small.pem');
    expect((await readOne(desk.read('small.pem'))).what).toBeUndefined();
    desk.openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-pkeyopt', 'rsa_keygen_primes:3', '-out', 'three.pem');
    expect((await refusalOf(desk.read('three.pem'))).message).toContain('more than two primes');
  });

  test('what holds no private key is named', async () => {
    desk.openssl('pkey', '-in', 'p256.pem', '-pubout', '-out', 'p.pub');
    desk.openssl('pkey', '-in', 'p256.pem', '-pubout', '-outform', 'DER', '-out', 'p.pub.der');
    desk.openssl('x509', '-in', 'rsa.crt', '-outform', 'DER', '-out', 'rsa.crt.der');
    expect((await refusalOf(desk.read('p.pub'))).message).toContain('"PUBLIC KEY": expected a private key');
    expect((await refusalOf(desk.read('p.pub.der'))).message).toContain('a public key');
    expect((await refusalOf(desk.read('rsa.crt'))).message).toContain('"CERTIFICATE"');
    expect((await refusalOf(desk.read('rsa.crt.der'))).message).toContain('a certificate');
  });
});

describe('ssh-keygen', () => {
  test.each([
    ['ed25519', 'aes256-ctr', '4'],
    ['ed25519', 'aes128-gcm@openssh.com', '3'],
    ['ecdsa', 'aes256-gcm@openssh.com', '2'],
    ['ecdsa', 'aes192-cbc', '1'],
    ['rsa', 'aes256-cbc', '2'],
    ['rsa', '3des-cbc', '1'],
    ['rsa', 'aes128-ctr', '30'],
  ])('%s under %s with %s rounds', async (type, cipher, rounds) => {
    const file = `${type}-${cipher}`;
    desk.run('ssh-keygen', '-q', '-t', type, ...(type === 'rsa' ? ['-b', '3072'] : type === 'ecdsa' ? ['-b', '521'] : []), '-N', password, '-Z', cipher, '-a', rounds, '-C', 'ada@büro', '-f', desk.path(file));
    const fingerprint = desk.run('ssh-keygen', '-l', '-f', `${file}.pub`).toString().split(' ')[1] ?? '-';
    const { name, notes, material } = await readOne(desk.read(file), password);
    expect(name).toBe('ada@büro');
    for (const fact of [fingerprint, cipher, `${rounds} rounds`]) expect(notes).toContain(fact);
    desk.write('kept.der', material);
    expect(desk.openssl('pkey', '-inform', 'DER', '-in', 'kept.der', '-noout', '-text').toString()).toContain('rivate');
    expect(await refusalOf(desk.read(file), 'wrong')).toMatchObject({ code: 'wrong-file-password' });
  });

  test.each(['ed25519', 'ecdsa', 'rsa'])('%s without a passphrase', async (type) => {
    desk.run('ssh-keygen', '-q', '-t', type, '-N', '', '-C', '', '-f', desk.path(`${type}-bare`));
    desk.write('pub.pem', type === 'ed25519' ? '' : desk.run('ssh-keygen', '-e', '-m', 'PKCS8', '-f', `${type}-bare.pub`));
    const { name, notes, spkiSha256, asked } = await readOne(desk.read(`${type}-bare`));
    expect([name, asked.length]).toEqual(['entry 1', 0]);
    expect(notes).toContain('not encrypted');
    if (type !== 'ed25519') expect(spkiSha256).toBe(sha256(desk.openssl('pkey', '-pubin', '-in', 'pub.pem', '-outform', 'DER')));
  });

  test('a cipher that is not read is refused with the command', async () => {
    desk.run('ssh-keygen', '-q', '-t', 'ed25519', '-N', plain, '-Z', 'chacha20-poly1305@openssh.com', '-f', desk.path('chacha'));
    expect(await refusalOf(desk.read('chacha'), plain)).toMatchObject({ asked: 0, message: expect.stringContaining('chacha20-poly1305'), nextStep: expect.stringContaining('ssh-keygen -p -Z') });
  });
});

describe('python3-cryptography', () => {
  const prelude = `import sys,datetime
from cryptography.hazmat.primitives.asymmetric import ec,rsa,ed25519,x25519
from cryptography.hazmat.primitives.serialization import *
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.hazmat.primitives import hashes
out=sys.stdout.buffer.write
pub=lambda k: k.public_key().public_bytes(Encoding.DER,PublicFormat.SubjectPublicKeyInfo)
`;

  test.each(['TraditionalOpenSSL', 'PKCS8'])('%s, encrypted by its best choice', async (format) => {
    desk.write('key', desk.python(`${prelude}k=ec.generate_private_key(ec.SECP384R1())\nopen('pub','wb').write(pub(k))\nout(k.private_bytes(Encoding.PEM,PrivateFormat.${format},BestAvailableEncryption(sys.argv[1].encode())))`, plain));
    expect((await readOne(desk.read('key'), plain)).spkiSha256).toBe(sha256(desk.read('pub')));
  });

  test.each(['P256', 'P384', 'P521'])('OpenSSH on %s, whose numbers begin with zeros at times', async (size) => {
    for (let count = 0; count < 4; count++) {
      desk.write('key', desk.python(`${prelude}c=ec.SEC${size}R1()\nwhile True:\n  k=ec.generate_private_key(c)\n  if ${count}%2 or k.private_numbers().private_value.bit_length()<=c.key_size-8: break\nopen('pub','wb').write(pub(k))\nout(k.private_bytes(Encoding.PEM,PrivateFormat.OpenSSH,NoEncryption()))`));
      expect((await readOne(desk.read('key'))).spkiSha256).toBe(sha256(desk.read('pub')));
    }
  }, 30_000);

  test.each([
    ['mldsa', 'MLDSA65', 'ml-dsa-65', 32],
    ['mlkem', 'MLKEM768', 'ml-kem-768', 64],
  ] as const)('%s: the seed of %s, in PKCS#8, encrypted and in a JWK', async (module, name, algorithm, length) => {
    const make = `${prelude}from cryptography.hazmat.primitives.asymmetric import ${module}\nk=${module}.${name}PrivateKey.generate()\nopen('pub','wb').write(pub(k))\nopen('enc','wb').write(k.private_bytes(Encoding.PEM,PrivateFormat.PKCS8,BestAvailableEncryption(sys.argv[1].encode())))\nout(k.private_bytes(Encoding.DER,PrivateFormat.PKCS8,NoEncryption()))`;
    desk.write('seed.der', desk.python(make, plain));
    const spki = desk.read('pub');
    for (const read of [await readOne(desk.read('seed.der')), await readOne(desk.read('enc'), plain)]) {
      expect([read.what, read.spkiSha256, read.material.length]).toEqual([algorithm, sha256(spki), length]);
    }
    const seed = desk.read('seed.der').subarray(-length);
    const jwk = (pub: Uint8Array) => new Uint8Array(Buffer.from(JSON.stringify({ kty: 'AKP', alg: name.replace(/(\d+)/, '-$1').replace('ML', 'ML-'), priv: seed.toString('base64url'), pub: Buffer.from(pub).toString('base64url') })));
    const raw = spki.subarray(-(algorithm === 'ml-dsa-65' ? 1952 : 1184));
    expect((await readOne(jwk(raw))).spkiSha256).toBe(sha256(spki));
    expect((await refusalOf(jwk(raw.map((byte) => byte ^ 1)))).message).toContain('do not belong together');
  });

  test('PKCS#12 with PBES2 and a MAC of SHA-256', async () => {
    const encryption = `PrivateFormat.PKCS12.encryption_builder().kdf_rounds(50000).key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256()).build(sys.argv[1].encode())`;
    desk.write('p12', desk.python(`${prelude}k=rsa.generate_private_key(65537,3072)\nopen('pub','wb').write(pub(k))\nout(pkcs12.serialize_key_and_certificates('näme'.encode(),k,None,None,${encryption}))`, password));
    const read = await readOne(desk.read('p12'), password);
    expect([read.name, read.what, read.spkiSha256]).toEqual(['näme', 'rsa-3072', sha256(desk.read('pub'))]);
  });
});

describe('keytool', () => {
  test('several entries of PKCS#12, pairs with chains and a secret key', async () => {
    const store = ['-keystore', desk.path('java.p12'), '-storetype', 'PKCS12', '-storepass', plain];
    desk.run('keytool', '-genkeypair', '-alias', 'first', '-keyalg', 'EC', '-groupname', 'secp256r1', '-dname', 'CN=first', ...store);
    desk.run('keytool', '-genkeypair', '-alias', 'second', '-keyalg', 'RSA', '-keysize', '2048', '-dname', 'CN=second', ...store);
    desk.run('keytool', '-genseckey', '-alias', 'third', '-keyalg', 'AES', '-keysize', '256', ...store);
    const { entries } = await readWith(desk.read('java.p12'), plain);
    expect(entries.map(({ name, what, certificates }) => [name, what, certificates.length]).sort()).toEqual([['first', 'ec-p256', 1], ['second', 'rsa-2048', 1], ['third', 256, 0]]);
  }, 60_000);

  test('JKS and JCEKS are named, and the command that is given converts them', async () => {
    for (const type of ['JKS', 'JCEKS']) {
      const file = `old.${type}`;
      desk.run('keytool', '-genkeypair', '-alias', 'one', '-keyalg', 'EC', '-groupname', 'secp384r1', '-dname', 'CN=one', '-keystore', desk.path(file), '-storetype', type, '-storepass', plain, '-keypass', plain);
      const { message, nextStep, asked } = await refusalOf(desk.read(file), plain);
      expect([message, asked]).toEqual([expect.stringContaining(type), 0]);
      const command = nextStep.replace('convert it: ', '').replace('FILE', desk.path(file)).replace('NEW', desk.path(`new-${type}`)).split(' ');
      desk.run(command[0] ?? '', ...command.slice(1), '-srcstorepass', plain, '-deststorepass', plain, '-noprompt');
      expect((await readOne(desk.read(`new-${type}.p12`), plain)).what).toBe('ec-p384');
    }
  }, 60_000);
});
