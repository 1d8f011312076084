/** Every method of the contract, locked and unlocked, against hostile values in every field: a declared code, never `internal`, and no row changed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeCanonical } from '../../electron/vault/crypto/canonicalCbor.ts';
import { exitStatus } from '../../shared/errors/errorCodes.ts';
import type { ErrorCode } from '../../shared/errors/errorCodes.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { contract, methodNames } from '../../shared/ipc/contract.ts';
import type { MethodName } from '../../shared/ipc/contract.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const deep = (depth: number): unknown => (depth === 0 ? 1 : [deep(depth - 1)]);

/** What a hostile caller sends where a text, a number, a flag, a list or a grant is expected. */
const hostileValues: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['a number', 7],
  ['a negative number', -1],
  ['a huge number', Number.MAX_SAFE_INTEGER],
  ['a fraction', 0.5],
  ['not a number', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['true', true],
  ['an object', {}],
  ['a list', []],
  ['a long list', Array.from({ length: 2000 }, () => '0'.repeat(32))],
  ['a deep list', deep(500)],
  ['an empty text', ''],
  ['a space', ' '],
  ['a long text', 'x'.repeat(1_000_000)],
  ['a NUL', 'a\0b'],
  ['a newline', 'a\nb'],
  ['a direction change', 'a\u202eb'],
  ['a zero-width space', 'a\u200bb'],
  ['a lone surrogate', 'a\ud800b'],
  ['a path', '../../../../etc/passwd'],
  ['SQL', "'; DROP TABLE key; --"],
  ['a prototype', '__proto__'],
  ['a constructor', 'constructor'],
  ['a grant that was never given', '0123456789abcdef0123456789abcdef'],
  ['a date that is none', '2026-02-30'],
  ['a far date', '9999-12-31'],
  ['bytes', new Uint8Array(16)],
  ['a promise', Promise.resolve(1)],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a big integer', 10n ** 30n],
];

/** A request that is of the right shape and refers to nothing that is there, so that nothing is done even where a hostile value is a good one. */
function shapely(method: MethodName): Record<string, unknown> {
  const grant = 'f'.repeat(32);
  const values: Record<string, unknown> = {
    file: grant, backup: grant, damaged: grant, remindAfterDays: 30, person: 'Eve', unlockCost: 'minimum', as: 'Eve', module: contract[method].access === 'guarded' && method === 'token.add' ? grant : 'nothing.so',
    token: 'nothing', slot: 99, label: 'nothing', name: 'nothing', key: method === 'recipient.add' ? grant : 'nothing', recipient: 'nothing', acceptExpired: false,
    purpose: 'signature', algorithm: 'aes-256', place: method === 'key.list' ? 'software' : 'nothing', with: 'nothing', in: grant, out: grant, files: [grant], signatures: [grant],
    mechanism: 'rsa-pss-sha256', signature: grant, to: method === 'key.encapsulate' ? grant : 'nothing', under: 'nothing', reason: 'hostile', from: 0, limit: 1, log: grant, genesis: '0'.repeat(64), format: undefined,
    state: 'active', version: 1, occurred: '2026-01-01', acceptStrength: 112, acceptCompromised: 'nothing', tag: '00', tagFile: undefined, tags: [grant], peer: grant, ciphertext: grant, derivation: 'hkdf', info: 'nothing', salt: '00', iv: '00'.repeat(16), padding: 'none', encoding: 'der', saltLength: 32, exportable: true, originatorDays: 1, recipientDays: 1, useLimit: 1, inactive: true,
    by: grant, keys: ['nothing'], move: true, transport: 'rsa-3072', ephemeralKey: 'place', identity: 'nobody', namespace: 'file', hash: 'sha256', subject: 'CN=nothing', san: ['dns:nothing'], template: 'none', since: '2026-01-01', until: '2026-01-01',
  };
  const fields = Object.keys(contract[method].fields).filter((field) => values[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, values[field]]));
}

async function stateDigest(t: TestCore): Promise<string> {
  const lines: string[] = [];
  const name = `log-${Math.random().toString(16).slice(2)}`;
  await t.call('audit.export', { out: t.write(name) });
  lines.push(...readFileSync(t.path(name), 'utf8').trim().split('\n'));
  const { entry } = JSON.parse(lines.at(-1) ?? '{}') as { entry: string };
  return Buffer.from((decodeCanonical(new Uint8Array(Buffer.from(entry, 'hex'))) as { stateDigest: Uint8Array }).stateDigest).toString('hex');
}

function judge(method: MethodName, what: string, answer: Awaited<ReturnType<TestCore['core']['call']>>): void {
  if (answer.ok) return;
  const { code, message, nextStep } = answer.error;
  const said = `${method} with ${what}: ${code}: ${message}`;
  expect(code, said).not.toBe('internal');
  expect(contract[method].errors as readonly ErrorCode[], said).toContain(code);
  expect(`${message}${nextStep ?? ''}`.length, said).toBeLessThan(2000);
  expect(/[\p{Cc}\p{Cf}]/u.test(message), said).toBe(false);
}

/** Nobody is at the prompt: what is guarded goes no further, and a passphrase is never given to a hostile call. */
const nobody = () => {
  throw new StrongroomError('declined', 'declined at the prompt');
};

describe.each(['locked', 'unlocked'] as const)('%s', (state) => {
  let t: TestCore;
  let before: string;

  beforeAll(async () => {
    t = makeTestCore();
    await t.create();
    await t.call('key.generate', { name: 'k', purpose: 'data-encryption', algorithm: 'aes-256', exportable: true });
    before = await stateDigest(t);
    if (state === 'locked') await t.call('vault.lock', {});
    t.answers.confirm = nobody;
    t.answers.passphrase = 'nobody knows it';
  });
  afterAll(async () => {
    t.answers.passphrase = 'correct horse battery';
    if (state === 'locked') await t.unlock();
    expect(await stateDigest(t), 'no row changed').toBe(before);
    await t.call('vault.check', {});
    await t.close();
  }, 60_000);

  test.each(methodNames.filter((method) => method !== 'vault.lock'))('%s', async (method) => {
    const base = shapely(method);
    for (const request of [undefined, null, 7, 'text', [], [base], new Map(), { ...base, extra: 1 }, { ...base, __proto__: { polluted: 1 }, constructor: 1 }, Object.create({ inherited: 1 })])
      judge(method, 'a request of another form', await t.core.call(method, request as never));
    for (const field of Object.keys(contract[method].fields)) {
      const { [field]: _, ...without } = base;
      judge(method, `no "${field}"`, await t.core.call(method, without as never));
      for (const [name, value] of hostileValues) judge(method, `"${field}" ${name}`, await t.core.call(method, { ...base, [field]: value } as never));
    }
  });

  test('a method that is none', async () => {
    for (const method of ['', 'key', 'key.', '__proto__', 'constructor', 'toString', 'vault.drop', 7, null, undefined, {}, ['key.list']])
      expect(await t.core.call(method as never, {} as never)).toMatchObject({ ok: false, error: { code: 'request-invalid' } });
  });
});

describe('hostile files', () => {
  let t: TestCore;
  const names = ['empty', 'folder', 'missing', 'pipe', 'loop', 'zeros', 'sparse', 'noise', 'endless'];

  beforeAll(async () => {
    t = makeTestCore();
    await t.create();
    await t.call('key.generate', { name: 'aes', purpose: 'data-encryption', algorithm: 'aes-256' });
    await t.call('key.generate', { name: 'kek', purpose: 'key-wrapping', algorithm: 'aes-256' });
    await t.call('key.generate', { name: 'rsa', purpose: 'signature', algorithm: 'rsa-2048' });
    await t.call('key.generate', { name: 'ec', purpose: 'signature', algorithm: 'ec-p256' });
    await t.call('key.generate', { name: 'ed', purpose: 'signature', algorithm: 'ed25519' });
    await t.call('key.generate', { name: 'tags', purpose: 'mac', algorithm: 'hmac-sha256' });
    await t.call('key.generate', { name: 'agree', purpose: 'key-agreement', algorithm: 'x25519' });
    await t.call('key.generate', { name: 'kem', purpose: 'key-agreement', algorithm: 'ml-kem-768' });
    await t.call('key.generate', { name: 'inbox', purpose: 'key-transport', algorithm: 'rsa-2048' });
    writeFileSync(t.path('empty'), '');
    mkdirSync(t.path('folder'));
    execFileSync('mkfifo', [t.path('pipe')]);
    symlinkSync('loop', t.path('loop'));
    symlinkSync('/dev/zero', t.path('endless'));
    writeFileSync(t.path('zeros'), Buffer.alloc(5000));
    writeFileSync(t.path('sparse'), '');
    truncateSync(t.path('sparse'), 3_000_000);
    writeFileSync(t.path('noise'), Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 167 + 13) % 256)));
  });
  afterAll(() => t.close());

  test.each(names)('%s', async (name) => {
    const file = () => t.read(name);
    const requests: readonly (readonly [MethodName, () => object])[] = [
      ['recipient.add', () => ({ name: 'r', key: file() })],
      ['token.add', () => ({ module: file() })],
      ['key.decrypt', () => ({ in: file(), out: t.write('out') })],
      ['key.import', () => ({ name: 'i', purpose: 'signature', file: file() })],
      ['key.unwrap', () => ({ name: 'i', purpose: 'data-encryption', algorithm: 'aes-256', with: 'inbox', in: file() })],
      ['key.unwrap', () => ({ name: 'i', purpose: 'signature', algorithm: 'ec-p256', with: 'inbox', format: 'rsa-aes-kwp-sha256', in: file() })],
      ['key.unwrap', () => ({ name: 'u', purpose: 'signature', algorithm: 'ed25519', with: 'kek', in: file() })],
      ['key.import', () => ({ name: 'i', purpose: 'data-encryption', file: file() })],
      ['key.inspect', () => ({ file: file() })],
      ['key.unwrap', () => ({ name: 'u', purpose: 'data-encryption', algorithm: 'aes-256', with: 'kek', in: file() })],
      ['key.unwrap', () => ({ name: 'u', purpose: 'data-encryption', algorithm: 'aes-256', with: 'kek', format: 'aes-kw', in: file() })],
      ['key.verify', () => ({ key: 'rsa', in: t.read('zeros'), signature: file() })],
      ['key.verify', () => ({ key: 'ec', in: t.read('zeros'), signature: file() })],
      ['key.verify', () => ({ key: 'ec', in: t.read('zeros'), signature: file(), encoding: 'p1363' })],
      ['key.verify', () => ({ key: 'ed', in: t.read('zeros'), signature: file() })],
      ['key.verifyMac', () => ({ key: 'tags', in: t.read('zeros'), tagFile: file() })],
      ['key.derive', () => ({ name: 'd', purpose: 'data-encryption', algorithm: 'aes-256', from: 'agree', peer: file() })],
      ['key.derive', () => ({ name: 'd', purpose: 'data-encryption', algorithm: 'aes-256', from: 'kem', peer: file() })],
      ['key.encapsulate', () => ({ name: 'd', purpose: 'data-encryption', algorithm: 'aes-256', to: file(), ciphertext: t.write('ct') })],
      ...(['raw', 'cms', 'sshsig', 'jws'] as const).map((format) => ['key.verify', () => ({ key: 'rsa', format, in: t.read('zeros'), signature: file() })] as const),
      ...(['cms', 'sshsig'] as const).map((format) => ['signature.verify', () => ({ format, in: t.read('zeros'), signature: file() })] as const),
      ['signature.verify', () => ({ in: t.read('zeros'), signature: t.read('noise'), by: file() })],
      ['key.attachCertificate', () => ({ key: 'rsa', file: file() })],
      ['audit.verify', () => ({ log: file() })],
    ];
    for (const [method, request] of requests) {
      const answer = await t.core.call(method, request() as never);
      expect(answer.ok, `${method} of ${name}`).toBe(false);
      judge(method, name, answer);
      if (!answer.ok) expect([1, 3, 5], `${method} of ${name}: ${answer.error.code}`).toContain(exitStatus(answer.error.code));
    }
    for (const [method, request] of [['key.encrypt', () => ({ key: 'aes', in: file(), out: t.write(`${name}.sr`) })], ['key.sign', () => ({ key: 'rsa', files: [file()] })], ['key.sign', () => ({ key: 'ed', files: [file()] })], ['key.mac', () => ({ key: 'tags', files: [file()] })], ['key.decryptCbc', () => ({ key: 'aes', in: file(), out: t.write(`${name}.cbc`) })], ['key.sign', () => ({ key: 'rsa', format: 'sshsig', files: [file()] })], ['key.sign', () => ({ key: 'rsa', format: 'jws', files: [file()] })]] as const)
      if (!['empty', 'zeros', 'sparse', 'noise'].includes(name)) judge(method, name, await t.core.call(method, request() as never));
    expect(readdirSync(t.folder).filter((left) => left.endsWith('.tmp'))).toEqual([]);
  });

  test.each(names.filter((name) => name !== 'missing'))('%s as a vault', async (name) => {
    const other = makeTestCore({ folder: t.folder });
    const answer = await other.core.call('vault.unlock', { file: other.read(name) });
    expect(answer.ok).toBe(false);
    judge('vault.unlock', name, answer);
    const made = await other.core.call('vault.create', { file: other.write(name), person: 'Eve', unlockCost: 'minimum' });
    expect(made.ok).toBe(false);
    judge('vault.create', name, made);
    await other.close();
  });

  test('where nothing can be written', async () => {
    for (const path of ['/proc/nothing', '/dev/full', t.path('folder'), t.path('no/such/folder/out'), `${t.path('x')}${'y'.repeat(300)}`]) {
      const answer = await t.core.call('key.encrypt', { key: 'aes', in: t.read('zeros'), out: t.files.write(path, false) });
      expect(answer.ok, path).toBe(false);
      judge('key.encrypt', path, answer);
    }
  });
});
