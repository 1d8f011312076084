/** Detached JWS: ours by jose, jose's by us, RFC 7515's and RFC 7797's own examples, and headers that would lead a reader astray. */
import type { SignatureMechanism } from '../../shared/model/terms.ts';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { FlattenedSign, flattenedVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { jwsSigningInput, largestWholeMessage, makeJws, planJws, readJws, verifyJws, wholeMessage } from '../../electron/vault/formats/signing/jws.ts';
import type { JwsOptions, JwsPlan } from '../../electron/vault/formats/signing/jws.ts';
import { ecTestKey, ed25519TestKey, mlDsaTestKey, rsaTestKey } from '../fixtures/documentSigners.ts';
import type { TestKey } from '../fixtures/documentSigners.ts';
import { wycheproof, wycheproofIsHere } from '../fixtures/wycheproof.ts';
import type { VectorTest } from '../fixtures/wycheproof.ts';

const keys = { rsa: rsaTestKey(), p256: ecTestKey('P-256'), p384: ecTestKey('P-384'), p521: ecTestKey('P-521'), ed25519: ed25519TestKey() } as const;
const content = Buffer.from('line one\nline.two\r\n\0binary\xff', 'latin1');
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const base64url = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A file in parts of awkward sizes. */
async function* parts(file: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

/** What the core does while it streams: a hash, or all of it. */
async function inputOf(plan: JwsPlan, file: Uint8Array, size = 7): Promise<Uint8Array> {
  const stream = jwsSigningInput(plan, parts(file, size));
  if (plan.hash === undefined) return wholeMessage(stream);
  const hash = createHash(plan.hash);
  for await (const part of stream) hash.update(part);
  return new Uint8Array(hash.digest());
}

async function made(key: TestKey, mechanism: SignatureMechanism, options: JwsOptions): Promise<string> {
  const signer = key.signer(mechanism);
  const plan = planJws(signer, options);
  return makeJws(plan, await inputOf(plan, content), signer);
}

async function isValid(jws: string, spki: Uint8Array, file: Uint8Array = content, expected?: string): Promise<boolean> {
  const read = readJws(bytes(jws), spki, expected);
  return verifyJws(read, await inputOf(read, file), spki);
}

const publicKeyOf = (spki: Uint8Array) => createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });

const all: readonly [string, keyof typeof keys, SignatureMechanism][] = [
  ['PS256', 'rsa', 'rsa-pss-sha256'],
  ['PS384', 'rsa', 'rsa-pss-sha384'],
  ['PS512', 'rsa', 'rsa-pss-sha512'],
  ['RS256', 'rsa', 'rsa-pkcs1-sha256'],
  ['RS384', 'rsa', 'rsa-pkcs1-sha384'],
  ['RS512', 'rsa', 'rsa-pkcs1-sha512'],
  ['ES256', 'p256', 'ecdsa-sha256'],
  ['ES384', 'p384', 'ecdsa-sha384'],
  ['ES512', 'p521', 'ecdsa-sha512'],
  ['EdDSA', 'ed25519', 'ed25519'],
];

describe.each(all)('%s', (alg, name, mechanism) => {
  test.each([true, false])('made here is verified by jose, and here (payload in base64url: %s)', async (encoded) => {
    const jws = await made(keys[name], mechanism, { keyId: 'schlüssel 1', base64url: encoded });
    const [header = '', payload, signature = ''] = jws.split('.');
    expect(payload).toBe('');
    const crit = encoded ? {} : { crit: { b64: true } };
    const result = await flattenedVerify({ protected: header, payload: encoded ? content.toString('base64url') : content, signature }, publicKeyOf(keys[name].spki), crit);
    expect(result.protectedHeader).toEqual({ alg, kid: 'schlüssel 1', ...(encoded ? {} : { b64: false, crit: ['b64'] }) });
    expect(readJws(bytes(`${jws}\n`), keys[name].spki)).toMatchObject({ algorithm: alg, keyId: 'schlüssel 1', mechanism, base64url: encoded, notes: [] });
    expect(await isValid(jws, keys[name].spki)).toBe(true);
    expect(await isValid(jws, keys[name].spki, Buffer.from('another'))).toBe(false);
  });

  test.each([true, false])('made by jose is verified here (payload in base64url: %s)', async (encoded) => {
    const header = { alg, ...(encoded ? {} : { b64: false, crit: ['b64'] }) };
    const signed = await new FlattenedSign(content).setProtectedHeader(header).sign(createPrivateKey(keys[name].pem));
    expect(await isValid(`${signed.protected ?? ''}..${signed.signature}`, keys[name].spki)).toBe(true);
  });
});

test('what is signed does not depend on how the file comes in', async () => {
  const plan = planJws(keys.p256.signer('ecdsa-sha256'), { base64url: true });
  const expected = createHash('sha256').update(`${plan.header}.${content.toString('base64url')}`).digest('hex');
  for (const size of [1, 2, 3, 4, 5, 6, 100]) expect(Buffer.from(await inputOf(plan, content, size)).toString('hex')).toBe(expected);
  expect(Buffer.from(await inputOf(plan, new Uint8Array(0))).toString('hex')).toBe(createHash('sha256').update(`${plan.header}.`).digest('hex'));
});

test('a file that is too large to be signed whole is refused on its way', async () => {
  const part = new Uint8Array(1024 * 1024);
  async function* endless() {
    for (;;) yield part;
  }
  await expect(wholeMessage(endless())).rejects.toMatchObject({ code: 'input-too-large' });
  expect(largestWholeMessage % part.length).toBe(0);
});

test.each([['p256', 'ecdsa-sha384'], ['p384', 'ecdsa-sha256'], ['rsa', 'ecdsa-sha256']] as const)('%s with %s has no algorithm in JWS', (name, mechanism) => {
  expect(() => planJws(keys[name].signer(mechanism), { base64url: true })).toThrow(expect.objectContaining({ code: 'request-invalid', field: 'mechanism' }));
  expect(() => planJws(mlDsaTestKey().signer('ml-dsa-65'), { base64url: true })).toThrow(expect.objectContaining({ code: 'request-invalid' }));
});

test('RFC 7515 appendix A.3, detached as in appendix F', async () => {
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' }, format: 'jwk' });
  const spki = new Uint8Array(key.export({ format: 'der', type: 'spki' }));
  const payload = Buffer.from('eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ', 'base64url');
  const jws = 'eyJhbGciOiJFUzI1NiJ9..DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
  expect(await isValid(jws, spki, payload)).toBe(true);
  expect(await isValid(jws, spki, payload.subarray(1))).toBe(false);
});

describe('refused by name', () => {
  const { spki } = keys.p256;
  test.each<[string, unknown, string]>([
    ['no algorithm', {}, 'no "alg"'],
    ['none', { alg: 'none' }, '"none": it is not signed'],
    ['none, spelled otherwise', { alg: 'nOnE' }, 'it is not signed'],
    ['HMAC', { alg: 'HS256' }, 'which is a MAC'],
    ['an algorithm of another key', { alg: 'RS256' }, 'and the key is ec-p256'],
    ['another curve', { alg: 'ES384' }, 'and the key is ec-p256'],
    ['ES256K', { alg: 'ES256K' }, 'is not taken'],
    ['a name of every object', { alg: 'constructor' }, 'is not taken'],
    ['an unknown critical header', { alg: 'ES256', crit: ['exp'], exp: 1 }, 'critical header "exp"'],
    ['one that is not there', { alg: 'ES256', crit: ['exp'] }, '"crit" that does not list members'],
    ['an empty list', { alg: 'ES256', crit: [] }, '"crit" that does not list members'],
    ['a list twice', { alg: 'ES256', crit: ['b64', 'b64'], b64: false }, '"crit" that does not list members'],
    ['b64 that is not critical', { alg: 'ES256', b64: false }, 'does not list it in "crit"'],
    ['b64 of another type', { alg: 'ES256', b64: 'false', crit: ['b64'] }, 'neither true nor false'],
    ['another key in the header', { alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } }, 'another key in its header'],
    ['a member that stands twice', '{"alg":"ES256","kid":"a","\\u006bid":"b"}', '"kid" twice'],
    ['a list', [], 'not a JSON object'],
    ['no JSON', '{', 'not JSON'],
  ])('%s', (_, header, reason) => {
    expect(() => readJws(bytes(`${base64url(header)}..AAAA`), spki)).toThrow(reason);
  });

  test.each<[string, string, string]>([
    ['an attached payload', `${base64url({ alg: 'ES256' })}.AAAA.AAAA`, 'carries its payload'],
    ['two parts', 'AAAA.AAAA', 'expected header..signature'],
    ['four parts', 'A..B.C', 'expected header..signature'],
    ['padding', `${base64url({ alg: 'ES256' })}..AA==`, 'signature is not base64url'],
    ['bits behind the last byte', `${base64url({ alg: 'ES256' })}..AB`, 'signature is not base64url'],
    ['a header in base64', `${base64url({ alg: 'ES256' })}+..AA`, 'header is not base64url'],
  ])('%s', (_, jws, reason) => expect(() => readJws(bytes(jws), spki)).toThrow(reason));

  test('a key in the header is not used, and said', () => {
    const jwk = { ...(publicKeyOf(spki).export({ format: 'jwk' }) as object), alg: 'ES256' };
    expect(readJws(bytes(`${base64url({ alg: 'ES256', jwk, x5u: 'https://example.org' })}..AAAA`), spki).notes).toEqual(['the header names a key by "jwk": it was not used', 'the header names a key by "x5u": it was not used']);
  });
});

test('Ed25519 by its name of RFC 9864 is read', async () => {
  const header = base64url({ alg: 'Ed25519' });
  const signature = await keys.ed25519.signer('ed25519').sign(bytes(`${header}.${content.toString('base64url')}`));
  expect(await isValid(`${header}..${Buffer.from(signature).toString('base64url')}`, keys.ed25519.spki)).toBe(true);
});

interface GroupKey {
  readonly kty: string;
  readonly alg?: string;
}

/** The vector's JWS, taken apart as ours comes. */
async function isTaken({ jws, flags = [] }: VectorTest, jwk: GroupKey): Promise<boolean> {
  const [header, payload, ...rest] = String(jws).split('.');
  const file = Buffer.from(payload ?? '', 'base64url');
  const spki = new Uint8Array(createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ format: 'der', type: 'spki' }));
  return file.toString('base64url') === payload && isValid([header, '', ...rest].join('.'), spki, file, flags.includes('WrongPrimitive') ? jwk.alg : undefined).catch(() => false);
}

describe.runIf(wycheproofIsHere)('Wycheproof', () => {
  test('json_web_signature_test.json, detached', async () => {
    const counts = { valid: 0, invalid: 0, acceptable: 0 };
    const groups = wycheproof('json_web_signature_test.json').filter((group) => (group.public as GroupKey | undefined)?.kty !== 'oct'); // MACs are not ours
    for (const group of groups) {
      const jwk = group.public as GroupKey | undefined;
      // What a JWK's "use" allows is left out: the signature itself is right.
      for (const vector of jwk === undefined ? [] : group.tests.filter(({ comment }) => !/rejectWrong(Use|KeyOps)/.test(comment))) {
        expect(await isTaken(vector, jwk as GroupKey), `${vector.tcId} ${vector.comment}`).toBe(vector.result === 'valid');
        counts[vector.result] += 1;
      }
    }
    expect(counts.valid).toBeGreaterThan(3);
    expect(counts.invalid).toBeGreaterThan(3);
  });
});
