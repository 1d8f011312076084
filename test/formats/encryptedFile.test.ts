/** Encrypted files: every size around the chunk, opened by another program, and every change refused with nothing left behind. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const chunk = 65_536;
const header = 173;
let t: TestCore;
let serial = 0;

beforeAll(async () => {
  t = makeTestCore();
  await t.create();
  execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072', '-out', t.path('r.pem')], { stdio: 'pipe' });
  execFileSync('openssl', ['pkey', '-in', t.path('r.pem'), '-pubout', '-out', t.path('r.pub')]);
  await t.call('recipient.add', { name: 'r', key: t.read('r.pub') });
  await t.call('key.generate', { name: 'k', purpose: 'data-encryption', algorithm: 'aes-256', exportable: true });
  await t.call('key.export', { key: 'k', to: 'r', acceptStrength: 128, out: t.write('k.oaep') });
  const raw = execFileSync('openssl', ['pkeyutl', '-decrypt', '-inkey', t.path('r.pem'), '-in', t.path('k.oaep'), '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256']);
  writeFileSync(t.path('k.raw'), raw);
}, 60_000);
afterAll(() => t.close());

async function encrypted(plain: Uint8Array): Promise<string> {
  const name = `f${++serial}`;
  writeFileSync(t.path(name), plain);
  await t.call('key.encrypt', { key: 'k', in: t.read(name), out: t.write(`${name}.sr`) });
  return `${name}.sr`;
}

describe('a file', () => {
  test.each([0, 1, chunk - 1, chunk, chunk + 1, 16 * chunk, 16 * chunk + 5, 3_000_000])('of %i bytes goes and comes back, here and in python3-cryptography', async (size) => {
    const plain = randomBytes(size);
    const name = await encrypted(plain);
    expect(readFileSync(t.path(name))).toHaveLength(header + size + 16 * Math.max(1, Math.ceil(size / chunk)));
    await t.call('key.decrypt', { in: t.read(name), out: t.write(`${name}.back`) });
    expect(readFileSync(t.path(`${name}.back`)).equals(plain)).toBe(true);
    execFileSync('python3', [fileURLToPath(new URL('readEncryptedFile.py', import.meta.url)), t.path('k.raw'), t.path(name), t.path(`${name}.py`)], { stdio: 'pipe' });
    expect(readFileSync(t.path(`${name}.py`)).equals(plain)).toBe(true);
  });

  test('encrypts differently each time', async () => {
    const plain = Buffer.alloc(100);
    const [a, b] = [readFileSync(t.path(await encrypted(plain))), readFileSync(t.path(await encrypted(plain)))];
    expect(a.subarray(49, 113).equals(b.subarray(49, 113))).toBe(false);
    expect(a.subarray(header).equals(b.subarray(header))).toBe(false);
  });
});

describe('what was changed is refused, and nothing is left', () => {
  const flip = (bytes: Buffer, at: number) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
  const sealed = chunk + 16;

  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['a truncated header', (bytes) => bytes.subarray(0, 100), 'input-malformed'],
    ['another file', () => Buffer.from('x'.repeat(300)), 'input-malformed'],
    ['a newer format', (bytes) => Buffer.concat([bytes.subarray(0, 16), Buffer.from([2]), bytes.subarray(17)]), 'input-malformed'],
    ['another vault', (bytes) => flip(bytes, 20), 'not-found'],
    ['another key version', (bytes) => flip(bytes, 40), 'not-found'],
    ['the salt', (bytes) => flip(bytes, 60), 'decrypt-failed'],
    ['the commitment', (bytes) => flip(bytes, 90), 'decrypt-failed'],
    ['the IV', (bytes) => flip(bytes, 115), 'decrypt-failed'],
    ['the sealed file key', (bytes) => flip(bytes, 130), 'decrypt-failed'],
    ['a byte of the first chunk', (bytes) => flip(bytes, header + 5), 'decrypt-failed'],
    ['a byte of the last tag', (bytes) => flip(bytes, bytes.length - 1), 'decrypt-failed'],
    ['the end cut in a chunk', (bytes) => bytes.subarray(0, -10), 'decrypt-failed'],
    ['the end cut between chunks', (bytes) => bytes.subarray(0, header + 2 * sealed), 'decrypt-failed'],
    ['all chunks cut', (bytes) => bytes.subarray(0, header), 'decrypt-failed'],
    ['bytes behind the end', (bytes) => Buffer.concat([bytes, Buffer.from([0])]), 'decrypt-failed'],
    ['the last chunk twice', (bytes) => Buffer.concat([bytes, bytes.subarray(header + 2 * sealed)]), 'decrypt-failed'],
    ['chunks swapped', (bytes) => Buffer.concat([bytes.subarray(0, header), bytes.subarray(header + sealed, header + 2 * sealed), bytes.subarray(header, header + sealed), bytes.subarray(header + 2 * sealed)]), 'decrypt-failed'],
  ])('%s', async (_, change, code) => {
    const name = await encrypted(randomBytes(2 * chunk + 100));
    writeFileSync(t.path(`${name}.bad`), change(readFileSync(t.path(name))));
    expect(await t.refused('key.decrypt', { in: t.read(`${name}.bad`), out: t.write(`${name}.out`) })).toMatchObject({ code });
    expect(existsSync(t.path(`${name}.out`))).toBe(false);
    expect(readdirSync(t.folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  test('a chunk of another file under the same key', async () => {
    const [a, b] = [readFileSync(t.path(await encrypted(randomBytes(2 * chunk)))), readFileSync(t.path(await encrypted(randomBytes(2 * chunk))))];
    writeFileSync(t.path('spliced'), Buffer.concat([a.subarray(0, header + sealed), b.subarray(header + sealed)]));
    expect(await t.refused('key.decrypt', { in: t.read('spliced'), out: t.write('spliced.out') })).toMatchObject({ code: 'decrypt-failed' });
  });
});

test('a cancelled encryption leaves nothing, and says so', async () => {
  writeFileSync(t.path('big'), Buffer.alloc(40_000_000));
  const stop = new AbortController();
  const progress: number[] = [];
  const onProgress = ({ done }: { readonly done: number }) => {
    progress.push(done);
    if (done > 5_000_000) stop.abort();
  };
  const answer = await t.core.call('key.encrypt', { key: 'k', in: t.read('big'), out: t.write('big.sr') }, { signal: stop.signal, onProgress });
  expect(answer).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  expect(progress.length).toBeGreaterThan(3);
  expect(existsSync(t.path('big.sr'))).toBe(false);
  expect(readdirSync(t.folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
});
