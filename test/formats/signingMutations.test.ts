/** Every reader of a signing document, given what is not quite one: an answer, or an error of ours, and soon. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifySignature } from '../../electron/vault/crypto/verifySignature.ts';
import { berToDer } from '../../electron/vault/formats/signing/berToDer.ts';
import { readCertificateChain } from '../../electron/vault/formats/signing/certificateChain.ts';
import { makeCertificateRequest, readCertificateRequest } from '../../electron/vault/formats/signing/certificateRequest.ts';
import { ecdsaToP1363 } from '../../electron/vault/formats/signing/ecdsaSignature.ts';
import { makeJws, planJws, readJws } from '../../electron/vault/formats/signing/jws.ts';
import { makeCms } from '../../electron/vault/formats/signing/makeCms.ts';
import { makeSshSignature, verifySshSignature } from '../../electron/vault/formats/signing/sshSignature.ts';
import { verifyCms } from '../../electron/vault/formats/signing/verifyCms.ts';
import { readSshPublicKey, writeSshPublicKey } from '../../electron/vault/formats/sshPublicKey.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import { ProgramFolder, digestsOf, ecTestKey, rsaTestKey } from '../fixtures/documentSigners.ts';

const folder = new ProgramFolder();
afterAll(() => folder.remove());

const rsa = rsaTestKey();
const p256 = ecTestKey('P-256');
const content = Buffer.from('content');
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

type Read = (input: Uint8Array) => unknown;
interface Reader {
  readonly read: Read;
  honest: Uint8Array;
}

const chain: Reader = { read: (input) => readCertificateChain(input, p256.spki), honest: new Uint8Array(0) };
const cms: Reader = { read: (input) => verifyCms(input, { digest: digestsOf(content) }, { keys: [rsa.spki], certificates: [] }), honest: new Uint8Array(0) };
const request: Reader = { read: readCertificateRequest, honest: new Uint8Array(0) };
const sshSignature: Reader = { read: (input) => verifySshSignature(input, digestsOf(content), { namespace: 'file', allowed: { keys: [] }, time: 0 }), honest: new Uint8Array(0) };
const sshWire: Reader = { read: (input) => sshSignature.read(bytes(`-----BEGIN SSH SIGNATURE-----\n${Buffer.from(input).toString('base64')}\n-----END SSH SIGNATURE-----`)), honest: new Uint8Array(0) };
const allowedSigners: Reader = { read: (input) => verifySshSignature(sshSignature.honest, digestsOf(content), { namespace: 'file', allowed: { allowedSigners: Buffer.from(input).toString() }, time: 0 }), honest: new Uint8Array(0) };
const jws: Reader = { read: (input) => readJws(input, p256.spki), honest: new Uint8Array(0) };
const jwsHeader: Reader = { read: (input) => readJws(bytes(`${Buffer.from(input).toString('base64url')}..AAAA`), p256.spki), honest: bytes('{"alg":"ES256","b64":false,"crit":["b64"],"kid":{"a":[1,{"b":"c"}]}}') };
const sshKey: Reader = { read: (input) => readSshPublicKey(Buffer.from(input).toString('base64')), honest: new Uint8Array(0) };
const ecdsa: Reader = { read: (input) => ecdsaToP1363(input, 'ec-p256'), honest: new Uint8Array(Buffer.from('3045022000de3e5764737ff59da8e3e5f0356f4a19b0c60d675a54bff11c2940162eabee022100e44855ab949bc1cfe77cfc7733751715a536a770f3f5e4da61b55a228427fdce', 'hex')) };
const spki: Reader = { read: (input) => verifySignature(input, 'rsa-pss-sha256', new Uint8Array(32), new Uint8Array(256)), honest: rsa.spki };
const ber: Reader = { read: (input) => berToDer(input, 'test'), honest: new Uint8Array(Buffer.from('3080020101248004010104010200000000', 'hex')) };

const readers: readonly [string, Reader][] = Object.entries({ chain, cms, request, sshSignature, sshWire, allowedSigners, jws, jwsHeader, sshKey, ecdsa, spki, ber });

beforeAll(async () => {
  folder.write('k.pem', p256.pem);
  folder.run('openssl', 'req', '-x509', '-new', '-key', 'k.pem', '-subj', '/CN=a', '-days', '9', '-addext', 'keyUsage=digitalSignature', '-outform', 'DER', '-out', 'k.der');
  chain.honest = folder.read('k.der');
  const digest = await digestsOf(content)('sha256');
  const signer = p256.signer('ecdsa-sha256');
  cms.honest = await makeCms({ digest, digestAlgorithm: 'sha256', certificates: [chain.honest], time: Date.now() }, signer);
  request.honest = await makeCertificateRequest({ subject: 'CN=a', sans: [{ kind: 'ip', value: '::1' }, { kind: 'dns', value: 'a.example' }], template: 'sub-ca' }, rsa.signer('rsa-pss-sha256'));
  sshSignature.honest = bytes(await makeSshSignature({ digest, hash: 'sha256', namespace: 'file' }, signer));
  sshWire.honest = new Uint8Array(Buffer.from(Buffer.from(sshSignature.honest).toString().replace(/-----.*-----/g, ''), 'base64'));
  allowedSigners.honest = bytes(`a@example.org namespaces="file",valid-after="20200101Z" ${writeSshPublicKey(p256.spki, 'comment')}`);
  jws.honest = bytes(await makeJws(planJws(signer, { keyId: 'a', base64url: false }), digest, signer));
  sshKey.honest = new Uint8Array(Buffer.from(writeSshPublicKey(rsa.spki, 'a').split(' ')[1] ?? '', 'base64'));
});

/** Whether it was read. @throws for an error that is not one of ours */
async function attempt(read: Read, input: Uint8Array): Promise<boolean> {
  try {
    await read(input);
    return true;
  } catch (error) {
    if (isStrongroomError(error) && ['input-malformed', 'input-too-large'].includes(error.code)) return false;
    throw error;
  }
}

/** One byte changed, a piece cut out, doubled, or put in. */
function mutated(honest: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(Math.max(0, honest.length - 1));
  const splice = (from: number, length: number, by: Uint8Array) => Uint8Array.from([...honest.subarray(0, from), ...by, ...honest.subarray(from + length)]);
  return fc.oneof(
    fc.tuple(at, fc.nat(255)).map(([index, value]) => honest.with(index, value)),
    fc.tuple(at, fc.nat(40), fc.uint8Array({ maxLength: 8 })).map(([index, length, by]) => splice(index, length, by)),
    fc.tuple(at, fc.nat(60)).map(([index, length]) => splice(index, 0, honest.subarray(index, index + length))),
    at.map((length) => honest.slice(0, length)),
  );
}

describe.each(readers)('%s', (_, reader) => {
  test('reads what is honest', async () => expect(await attempt(reader.read, reader.honest)).toBe(true));

  test('answers to what was changed, with no error but ours', { timeout: 120_000 }, async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(mutated(reader.honest), async (input) => {
        if (!(await attempt(reader.read, input))) refused += 1;
      }),
      { numRuns: 600 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  test('answers to anything', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (input) => void (await attempt(reader.read, input))), { numRuns: 300 });
  });
});

describe('limits', () => {
  const documents = readers.filter(([name]) => ['chain', 'cms', 'request', 'sshSignature', 'jws', 'allowedSigners'].includes(name));

  test.each(documents)('%s: more than a megabyte is refused unread', async (_, { read }) => {
    for (const fill of [0x30, 0x20, 0x41]) {
      const begun = performance.now();
      await expect(Promise.resolve().then(() => read(new Uint8Array(1024 * 1024 + 1).fill(fill)))).rejects.toMatchObject({ code: 'input-too-large' });
      expect(performance.now() - begun).toBeLessThan(10_000);
    }
  });

  test.each(documents)('%s: a megabyte of what could keep a reader busy is answered', { timeout: 180_000 }, async (_, { read }) => {
    const fills = ['\x30\x80', '\x24\x80', '\x30\x84\x00\x0f\xff\xf0', '-----BEGIN SSH SIGNATURE-----', 'a "', '\\"', '*,', '\x05\x00', '\x30\x00', '..', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'];
    for (const fill of fills) {
      const begun = performance.now();
      await attempt(read, new Uint8Array(Buffer.from(fill.repeat(Math.floor((1024 * 1024) / fill.length)), 'latin1')));
      expect(performance.now() - begun, JSON.stringify(fill)).toBeLessThan(20_000);
    }
  });

  test('more values than a call has arguments', { timeout: 180_000 }, async () => {
    const many = (inside: string, tag: number) => {
      const values = Buffer.from(inside.repeat(Math.floor(1_000_000 / (inside.length / 2))), 'hex');
      return Buffer.concat([Buffer.from([tag, 0x83, values.length >> 16, (values.length >> 8) & 0xff, values.length & 0xff]), values]);
    };
    for (const inside of ['0500', '300706035504030400']) {
      const begun = performance.now();
      const sequence = many(inside, 0x30);
      for (const input of [sequence, Buffer.concat([Buffer.from([0x30, 0x80]), sequence, Buffer.alloc(2)])]) for (const [, { read }] of documents) await attempt(read, new Uint8Array(input));
      expect(berToDer(new Uint8Array(sequence), 'test')).toHaveLength(sequence.length);
      expect(performance.now() - begun, inside).toBeLessThan(60_000);
    }
  });

  test('depth', () => {
    const nested = (levels: number) => Array.from({ length: levels }).reduce<Buffer>((inside) => Buffer.concat([Buffer.from([0x30, 0x80]), inside, Buffer.alloc(2)]), Buffer.alloc(0));
    expect(berToDer(new Uint8Array(nested(30)), 'test')).toHaveLength(60);
    expect(() => berToDer(new Uint8Array(nested(60)), 'test')).toThrow('nested deeper than 40 levels');
  });
});
