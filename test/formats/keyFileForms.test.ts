/** Key files that are built byte by byte: what tools write oddly, what must be refused, and what may not be tried before it was judged. Seeded. */
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHash, createHmac, generateKeyPairSync, pbkdf2Sync } from 'node:crypto';
import { fromHex } from '../../electron/vault/crypto/bytes.ts';
import { childrenOf, onlyValue } from '../../electron/vault/crypto/derReader.ts';
import { bitString, encodeDer, integer, nothing, octetString, oid, sequence, tagged } from '../../electron/vault/crypto/derWriter.ts';
import type { DerTree } from '../../electron/vault/crypto/derWriter.ts';
import { bytesOf, inverse, numberOf } from '../../electron/vault/crypto/keyForms/bigNumbers.ts';
import { makeDesk, readOne, readWith, refusalOf } from '../fixtures/keyFiles.ts';
import type { Desk } from '../fixtures/keyFiles.ts';
import { seedOf } from '../fixtures/seededNumbers.ts';

const { random } = seedOf('key file forms');
const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
const sha256 = (value: Uint8Array) => createHash('sha256').update(value).digest('hex');
const text = (value: string) => new Uint8Array(Buffer.from(value));
const pem = (label: string, der: Uint8Array) => `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
const small = (value: number) => integer(bytesOf(BigInt(value)));

const ecOid = oid('2a8648ce3d0201');
const p256 = oid('2a8648ce3d030107');
const edOid = oid('2b6570');

function pairOf(type: 'rsa' | 'ec' | 'ed25519' | 'x25519') {
  const made = type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync(type as 'ed25519');
  return { pkcs8: new Uint8Array(made.privateKey.export({ format: 'der', type: 'pkcs8' })), spki: new Uint8Array(made.publicKey.export({ format: 'der', type: 'spki' })), jwk: made.privateKey.export({ format: 'jwk' }) as Record<string, string> };
}

let desk: Desk;
beforeAll(() => {
  desk = makeDesk();
});
afterAll(() => desk.clear());

describe('text around a key', () => {
  const { pkcs8, spki } = pairOf('ec');
  const whole = pem('PRIVATE KEY', pkcs8);
  const wide = (value: string, big: boolean) => {
    const le = Buffer.from(`\ufeff${value}`, 'utf16le');
    return big ? le.swap16() : le;
  };
  test.each<[string, Uint8Array]>([
    ['CRLF and no last line end', text(whole.replace(/\n/g, '\r\n').trimEnd())],
    ['old Macintosh line ends', text(whole.replace(/\n/g, '\r'))],
    ['prose in front and behind', text(`Dear colleague,\nhere it is:\n\n${whole}\nregards - the bank\n`)],
    ['blanks before each line', text(whole.replace(/^/gm, '  \t'))],
    ['one line of base64', text(`-----BEGIN PRIVATE KEY-----\n${Buffer.from(pkcs8).toString('base64')}\n-----END PRIVATE KEY-----`)],
    ['no markers', text(Buffer.from(pkcs8).toString('base64'))],
    ['UTF-16, little-endian', wide(whole, false)],
    ['UTF-16, big-endian', wide(whole, true)],
    ['the wrong label', text(pem('RSA PRIVATE KEY', pkcs8))],
    ['bag attributes of openssl', text(`Bag Attributes\n    friendlyName: x\n    localKeyID: 01 02 \nKey Attributes: <No Attributes>\n${whole}`)],
  ])('%s', async (_, file) => expect((await readOne(file)).spkiSha256).toBe(sha256(spki)));

  test.each<[string, string, string]>([
    ['a block that does not end', whole.slice(0, -30), 'does not end'],
    ['a block in a block', `-----BEGIN PRIVATE KEY-----\n${whole}`, 'does not end'],
    ['broken base64', whole.replace('MIG', 'M!G'), 'base64'],
    ['a letter less', whole.replace('MIG', 'IG'), 'base64'],
  ])('%s is refused', async (_, file, said) => expect(await refusalOf(text(file))).toMatchObject({ code: 'input-malformed', message: expect.stringContaining(said) }));

  test.each([1, 3, 7])('%i zero bytes behind are dropped, 8 are not, and no other', async (count) => {
    expect((await readOne(Buffer.concat([pkcs8, Buffer.alloc(count)]))).notes).toContain(`${count} zero byte`);
    expect((await refusalOf(Buffer.concat([pkcs8, Buffer.alloc(8)]))).message).toContain('8 bytes follow');
    expect((await refusalOf(Buffer.concat([pkcs8, Buffer.alloc(count - 1), Buffer.of(1)]))).message).toContain(`${count} bytes follow`);
  });
});

describe('EC keys', () => {
  const sec1 = (scalar: Uint8Array, ...rest: DerTree[]) => encodeDer(sequence(small(1), octetString(scalar), ...rest));

  test('private numbers of every length up to 40 bytes with leading zeros give the same key', async () => {
    for (let round = 0; round < 8; round++) {
      const bare = bytes(31 - Math.floor(random() * 3));
      bare[0] = 1 + Math.floor(random() * 255);
      const spkis = [bare.length, 32, 33, 40].map((length) => Buffer.concat([Buffer.alloc(length - bare.length), bare]));
      const read = await Promise.all(spkis.map((scalar) => readOne(sec1(scalar, tagged(0, p256)))));
      expect(new Set(read.map(({ spkiSha256 }) => spkiSha256)).size).toBe(1);
      expect(read.map(({ notes }) => /private number has/.test(notes))).toEqual([true, false, true, true]);
    }
  });

  test.each([
    ['zero', new Uint8Array(32)],
    ['n', fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')],
    ['n + 1', fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552')],
    ['all ones', new Uint8Array(32).fill(255)],
    ['33 bytes', new Uint8Array(33).fill(1)],
    ['no byte', new Uint8Array(0)],
  ])('the private number %s is refused', async (_, scalar) => expect((await refusalOf(sec1(scalar, tagged(0, p256)))).message).toContain('not in 1 to n - 1'));

  test('n - 1 and 1 are keys', async () => {
    expect((await readOne(sec1(fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550'), tagged(0, p256)))).what).toBe('ec-p256');
    expect((await readOne(sec1(Uint8Array.of(1), tagged(0, p256)))).what).toBe('ec-p256');
  });

  test('no curve, two curves, another point, a point off the curve', async () => {
    const point = (await readOne(sec1(bytes(31), tagged(0, p256)))).spki.subarray(-65);
    expect((await refusalOf(sec1(bytes(31)))).message).toContain('names no curve');
    const two = encodeDer(sequence(integer(new Uint8Array(0)), sequence(ecOid, p256), octetString(sequence(small(1), octetString(bytes(31)), tagged(0, oid('2b81040022'))))));
    expect((await refusalOf(two)).message).toContain('two different curves');
    expect((await refusalOf(sec1(bytes(31), tagged(0, p256), tagged(1, bitString(point))))).message).toContain('does not belong');
    point[64] = (point[64] ?? 0) ^ 1;
    expect((await refusalOf(sec1(bytes(31), tagged(0, p256), tagged(1, bitString(point))))).message).toContain('does not belong');
  });

  test('version 2 with its public key beside it, whole and compressed; of another pair', async () => {
    const { jwk } = pairOf('ec');
    const [d, x, y] = ['d', 'x', 'y'].map((name) => new Uint8Array(Buffer.from(jwk[name] ?? '', 'base64url'))) as [Uint8Array, Uint8Array, Uint8Array];
    const file = (point: Uint8Array) => encodeDer(sequence(small(1), sequence(ecOid, p256), octetString(sequence(small(1), octetString(d))), { tag: 0x81, parts: [Uint8Array.of(0), point] }));
    const compressed = (odd: number) => new Uint8Array([2 + odd, ...x]);
    const odd = (y.at(-1) ?? 0) & 1;
    for (const point of [new Uint8Array([4, ...x, ...y]), compressed(odd)]) expect((await readOne(file(point))).what).toBe('ec-p256');
    expect((await refusalOf(file(compressed(1 - odd)))).message).toContain('do not belong together');
  });

  test('EC PARAMETERS in front: the same curve, and another', async () => {
    for (const [named, ok] of [['prime256v1', true], ['secp384r1', false]] as const) {
      const parameters = desk.openssl('ecparam', '-name', named);
      const key = desk.openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout');
      const file = Buffer.concat([parameters, key]);
      if (ok) expect((await readOne(file)).what).toBe('ec-p256');
      else expect((await refusalOf(file)).message).toContain('two different curves');
    }
  });

  test.each(['prime256v1', 'secp384r1', 'secp521r1'])('%s in numbers: as it is, and with each number changed', async (curve) => {
    desk.openssl('ecparam', '-name', curve, '-genkey', '-noout', '-param_enc', 'explicit', '-outform', 'DER', '-out', 'explicit.der');
    const file = new Uint8Array(desk.read('explicit.der'));
    expect((await readOne(file)).notes).toContain('written out in numbers');
    const domain = childrenOf(onlyValue(file)).find(({ tag }) => tag === 0xa0);
    const numbers = childrenOf(onlyValue(domain?.content ?? file)).flatMap((node) => (node.tag === 0x30 ? childrenOf(node) : [node])).filter(({ tag, content }) => tag !== 0x06 && content.length > 3);
    expect(numbers.length).toBe(6); // p, a, b, seed, base, order
    for (const { content } of numbers) {
      content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
      expect((await refusalOf(file)).code).toBe('input-malformed');
      content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
    }
    expect((await readOne(file)).notes).toContain('written out in numbers');
  });
});

describe('RSA keys', () => {
  const { jwk, spki } = pairOf('rsa');
  const part = (name: string) => numberOf(new Uint8Array(Buffer.from(jwk[name] ?? '', 'base64url')));
  const names = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;
  const pkcs1 = (values: readonly bigint[]) => encodeDer(sequence(integer(new Uint8Array(0)), ...values.map((value) => integer(bytesOf(value)))));
  const values = names.map(part);

  test('as it is', async () => expect((await readOne(pkcs1(values))).spkiSha256).toBe(sha256(spki)));

  test.each(names.map((name, index) => [name, index] as const))('%s changed is refused', async (_, index) => {
    for (const change of [1n, 2n, -1n, 1n << 64n, -(1n << 200n)]) {
      const changed = values.map((value, at) => (at === index ? value + change : value)).map((value) => (value < 0n ? -value : value));
      expect((await refusalOf(pkcs1(changed))).code).toBe('input-malformed');
    }
  });

  test('the primes exchanged with all that belongs to them is mended; one value left behind is not', async () => {
    const [n, e, d, p, q, dp, dq] = values as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    const exchanged = [n, e, d, q, p, dq, dp];
    const mended = await readOne(pkcs1([...exchanged, inverse(p, q) ?? 0n]));
    expect([mended.spkiSha256, /p is smaller than q/.test(mended.notes)]).toEqual([sha256(spki), q < p]);
    const whole = await readOne(pkcs1(values));
    expect(mended.material.equals(whole.material)).toBe(true);
    expect((await refusalOf(pkcs1([...exchanged, part('qi')]))).message).toContain('CRT values');
  });

  test('the private exponent modulo lcm or phi is the same key', async () => {
    const [n, e, d, p, q, dp, dq, qi] = values as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    const phi = (p - 1n) * (q - 1n);
    const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
    const lambda = phi / gcd(p - 1n, q - 1n);
    for (const other of [d % lambda, (d % lambda) + lambda]) if (other < n) expect((await readOne(pkcs1([n, e, other, p, q, dp, dq, qi]))).spkiSha256).toBe(sha256(spki));
  });

  test('a JWK with n, e and d alone gets its primes back', async () => {
    const { notes, spkiSha256, material } = await readOne(text(JSON.stringify({ kty: 'RSA', n: jwk['n'], e: jwk['e'], d: jwk['d'] })));
    expect(spkiSha256).toBe(sha256(spki));
    expect(notes).toContain('computed from n, e and d');
    desk.write('k.der', material);
    expect(desk.openssl('rsa', '-inform', 'DER', '-in', 'k.der', '-check', '-noout').toString()).toContain('ok');
    expect((await refusalOf(text(JSON.stringify({ kty: 'RSA', n: jwk['n'], e: jwk['e'], d: Buffer.from(bytesOf(part('d') + 2n)).toString('base64url') })))).message).toContain('not the private exponent');
    expect((await refusalOf(text(JSON.stringify({ ...jwk, q: undefined })))).message).toContain('only some');
  });

  test('numbers without end, even, negative', async () => {
    expect((await refusalOf(pkcs1([(1n << 16_400n) + 1n, ...values.slice(1)]))).message).toContain('got 16401');
    expect((await refusalOf(pkcs1([values[0] ?? 0n, (1n << 40n) + 1n, ...values.slice(2)]))).message).toContain('public exponent');
    const negative = sequence(integer(new Uint8Array(0)), new Uint8Array([2, 1, 0xff]), ...values.slice(1).map((value) => integer(bytesOf(value))));
    expect((await refusalOf(encodeDer(negative))).message).toContain('negative');
  });
});

describe('Ed25519 and X25519', () => {
  const info = (version: number, algorithm: readonly DerTree[], inner: DerTree, ...rest: DerTree[]) => encodeDer(sequence(integer(bytesOf(BigInt(version))), sequence(...algorithm), octetString(inner), ...rest));
  const { pkcs8, spki } = pairOf('ed25519');
  const seed = pkcs8.subarray(-32);
  const raw = spki.subarray(-32);
  const beside = (key: Uint8Array): DerTree => ({ tag: 0x81, parts: [Uint8Array.of(0), key] });
  const other = pairOf('ed25519').spki.subarray(-32);

  test.each<[string, Uint8Array]>([
    ['as RFC 8410 has it', pkcs8],
    ['version 2, implicit', info(1, [edOid], octetString(seed), beside(raw))],
    ['version 2, with attributes', info(1, [edOid], octetString(seed), tagged(0, sequence(oid('2a864886f70d010914'), { tag: 0x31, parts: [] })), beside(raw))],
    ['version 2, explicit', info(1, [edOid], octetString(seed), tagged(1, bitString(raw)))],
    ['parameters NULL', info(0, [edOid, nothing], octetString(seed))],
    ['without the inner octet string', info(0, [edOid], seed)],
    ['seed and public key in the inner octet string', info(0, [edOid], octetString(seed, raw))],
    ['64 raw bytes', Buffer.concat([seed, raw])],
    ['64 bytes in hex', text(Buffer.concat([seed, raw]).toString('hex'))],
    ['64 bytes in base64url', text(Buffer.concat([seed, raw]).toString('base64url'))],
  ])('%s', async (_, file) => {
    const { spkiSha256, material } = await readOne(file);
    expect([spkiSha256, material.toString('hex')]).toEqual([sha256(spki), Buffer.from(pkcs8).toString('hex')]);
  });

  test.each<[string, Uint8Array]>([
    ['implicit', info(1, [edOid], octetString(seed), beside(other))],
    ['explicit', info(1, [edOid], octetString(seed), tagged(1, bitString(other)))],
    ['joined', info(0, [edOid], octetString(seed, other))],
    ['JWK', text(JSON.stringify({ kty: 'OKP', crv: 'Ed25519', d: Buffer.from(seed).toString('base64url'), x: Buffer.from(other).toString('base64url') }))],
  ])('the public key of another pair, %s, is refused', async (_, file) => expect((await refusalOf(file)).message).toContain('do not belong together'));

  test.each([31, 33, 63])('a seed of %i bytes is refused', async (length) => expect((await refusalOf(info(0, [edOid], octetString(bytes(length))))).message).toContain(`got ${length}`));
});

describe('JWK', () => {
  test.each(['P-256', 'P-384', 'P-521'])('%s with zeros left out of x, y and d', async (curve) => {
    for (let round = 0; round < 12; round++) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
      const jwk = privateKey.export({ format: 'jwk' }) as Record<string, string>;
      const stripped = Object.fromEntries(['x', 'y', 'd'].map((name) => [name, Buffer.from(bytesOf(numberOf(new Uint8Array(Buffer.from(jwk[name] ?? '', 'base64url'))))).toString('base64')]));
      const { spkiSha256 } = await readOne(text(`\n ${JSON.stringify({ ...jwk, ...stripped })}`));
      expect(spkiSha256).toBe(sha256(publicKey.export({ format: 'der', type: 'spki' })));
    }
  });

  test('a set, with names, a secret and a public key', async () => {
    const [first, second] = [pairOf('ec'), pairOf('rsa')];
    const keys = [{ ...first.jwk, kid: 'a' }, { ...second.jwk, kid: 'a' }, { kty: 'oct', k: 'AAECAwQFBgcICQoLDA0ODw', alg: 'A128KW' }, { kty: 'EC', crv: 'P-256', x: first.jwk['x'], y: first.jwk['y'] }];
    const { form, notes, entries } = await readWith(text(JSON.stringify({ keys })));
    expect(form).toBe('JWK Set');
    expect(notes.join()).toContain('1 public key');
    expect(entries.map(({ name, what }) => [name, what])).toEqual([['a', 'ec-p256'], ['a (2)', 'rsa-2048'], ['entry 3', 128]]);
  });

  test.each<[string, unknown, string]>([
    ['public', { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }, 'public key only'],
    ['another curve', { kty: 'EC', crv: 'secp256k1', d: 'AA' }, 'got secp256k1'],
    ['no kty', { d: 'AA' }, '"kty"'],
    ['a JWE', { protected: 'e30', ciphertext: 'AA' }, 'JWE'],
    ['an empty set', { keys: [] }, '1 to 256'],
    ['d as a number', { kty: 'EC', crv: 'P-256', d: 7 }, 'expected a text'],
    ['d too long', { kty: 'EC', crv: 'P-256', d: Buffer.alloc(40, 1).toString('base64url') }, 'has 40 bytes'],
    ['a list', [1], 'expected an object'],
  ])('%s is refused', async (_, value, said) => expect((await refusalOf(text(Array.isArray(value) ? `{"keys":${JSON.stringify(value)}}` : JSON.stringify(value)))).message).toContain(said));
});

describe('secrets without a form', () => {
  test.each<[string, string | Uint8Array, object, number]>([
    ['64 hex digits for AES', `${Buffer.from(bytes(32)).toString('hex')}\n`, { secretBits: [128, 192, 256] }, 256],
    ['hex with colons', Buffer.from(bytes(16)).toString('hex').replace(/..(?=.)/g, '$&:'), { secretBits: [128, 192, 256] }, 128],
    ['0x in front', `0x${Buffer.from(bytes(24)).toString('hex')}`, { secretBits: [128, 192, 256] }, 192],
    ['base64 of 32 bytes for AES', Buffer.alloc(32, 0xfb).toString('base64'), { secretBits: [128, 192, 256] }, 256],
    ['bare bytes', Uint8Array.of(0, 1, 2, 255, 254, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9), {}, 128],
    ['bare bytes of 15', Uint8Array.of(200, 1, 2, 255, 254, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9), {}, 120],
    ['bare bytes that begin like DER', Uint8Array.of(0x30, 30, ...bytes(30)), {}, 256],
  ])('%s', async (_, file, options, bits) => expect((await readOne(typeof file === 'string' ? text(file) : file, undefined, options)).what).toBe(bits));

  test.each<[string, string, object, readonly string[]]>([
    ['64 hex digits for any secret', 'ab'.repeat(32), {}, ['hex, 256 bits', 'raw, 512 bits']],
    ['24 letters of base64 for AES', `${Buffer.alloc(16, 0xfb).toString('base64')}`, { secretBits: [128, 192, 256] }, ['base64, 128 bits', 'raw, 192 bits']],
    ['32 letters of base64 for AES', Buffer.alloc(24, 0xfb).toString('base64'), { secretBits: [128, 192, 256] }, ['base64, 192 bits', 'raw, 256 bits']],
  ])('%s is never guessed', async (_, file, options, readings) => {
    const { message, code } = await refusalOf(text(file), undefined, options);
    expect(code).toBe('choice-needed');
    for (const reading of readings) expect(message).toContain(reading);
    expect(message).not.toContain(file);
  });

  test('a key file that was cut, or a long one of no form, is no secret', async () => {
    const { pkcs8 } = pairOf('ec');
    for (const length of [20, 32, 64, 100]) expect((await refusalOf(pkcs8.subarray(0, length), undefined, { secretBits: [128, 160, 256, 512, 800] })).message).toContain('broken ASN.1');
    expect((await refusalOf(Uint8Array.of(1, ...bytes(200)))).message).toContain('no form that is known here');
    expect((await readOne(Uint8Array.of(1, ...bytes(200)), undefined, { secretForm: 'raw' })).what).toBe(1608);
  });

  test('a form that was said is the form that is read, or a refusal', async () => {
    expect((await refusalOf(text('not hex at all!'), undefined, { secretForm: 'hex' })).message).toContain('expected hex');
    expect((await refusalOf(text('abc'), undefined, { secretForm: 'hex' })).message).toContain('expected hex');
    expect((await readOne(text('{"x":1}'), undefined, { secretForm: 'raw' })).what).toBe(56);
    expect((await refusalOf(text('aa'.repeat(20)), undefined, { secretForm: 'hex', secretBits: [128, 192, 256] })).message).toContain('160 bits read as hex');
  });
});

describe('ML-DSA-65 and ML-KEM-768 beside their seeds', () => {
  const dsa = oid('608648016503040312');
  const info = (inner: DerTree) => encodeDer(sequence(integer(new Uint8Array(0)), sequence(dsa), octetString(inner)));

  test('the seed with its expanded key; with another; the expanded key alone', async () => {
    const seed = bytes(32);
    const { secretKey } = ml_dsa65.keygen(seed);
    expect((await readOne(info({ tag: 0x80, parts: [seed] }))).what).toBe('ml-dsa-65');
    expect((await readOne(info(sequence(octetString(seed), octetString(secretKey))))).material.equals(Buffer.from(seed))).toBe(true);
    expect((await refusalOf(info(sequence(octetString(bytes(32)), octetString(secretKey))))).message).toContain('do not belong together');
    expect((await refusalOf(info(octetString(secretKey)))).message).toContain('no seed');
    expect((await refusalOf(info({ tag: 0x80, parts: [bytes(31)] }))).message).toContain('expected 32 bytes, got 31');
  });
});

describe('PKCS#12 with PBMAC1 (RFC 9579)', () => {
  const { pkcs8, spki } = pairOf('ec');
  const hmacSha512 = sequence(oid('2a864886f70d020b'), nothing);
  const data = (content: Uint8Array) => sequence(oid('2a864886f70d010701'), tagged(0, octetString(content)));
  const bag = sequence(oid('2a864886f70d010c0a0101'), tagged(0, pkcs8));
  const safe = encodeDer(sequence(data(encodeDer(sequence(bag)))));
  const salt = bytes(16);

  function file(password: string, length: number | undefined, iterations = 4096): Uint8Array {
    const mac = createHmac('sha512', pbkdf2Sync(password, salt, iterations, length ?? 64, 'sha512')).update(safe).digest();
    const kdf = sequence(oid('2a864886f70d01050c'), sequence(octetString(salt), small(iterations), ...(length === undefined ? [] : [small(length)]), hmacSha512));
    const digest = sequence(sequence(oid('2a864886f70d01050e'), sequence(kdf, hmacSha512)), octetString(mac));
    return encodeDer(sequence(small(3), data(safe), sequence(digest, octetString(new Uint8Array(8)), small(1))));
  }

  test('is checked with the password as UTF-8', async () => {
    const read = await readOne(file('Gęś 9', 32), 'Gęś 9');
    expect([read.spkiSha256, read.asked[0]?.notes[0]]).toEqual([sha256(spki), 'PBMAC1, PBKDF2 with SHA-512, 4096 rounds']);
    expect(await refusalOf(file('Gęś 9', 32), 'Ges 9')).toMatchObject({ code: 'wrong-file-password' });
    expect(await refusalOf(file('x', undefined), 'x')).toMatchObject({ asked: 0, message: expect.stringContaining('"keyLength" of PBMAC1') });
  });

});
