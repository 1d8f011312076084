/** A session: calls as JSON Lines through the real command, one unlock for all of them; what is no call is answered and the session goes on. */
import { spawn, spawnSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CertificateAuthority } from '../fixtures/certificateAuthority.ts';

const strongroom = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));
let folder: string;

interface Answer {
  readonly id?: string | number | null;
  readonly ok?: boolean;
  readonly value?: Record<string, never>;
  readonly error?: { readonly code: string; readonly message: string };
  readonly progress?: { readonly done: number };
  readonly opened?: { readonly vaultId: string };
}

const secrets = ['--vault', 'keys.strongroom', '--passphrase-file', 'pass'];

function run(args: readonly string[], input: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [strongroom, ...args], { cwd: folder, input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: { ...process.env, XDG_STATE_HOME: folder } });
  return { status, stderr, lines: stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Answer) };
}

const session = (...calls: readonly (object | string)[]) => run(['session', ...secrets], calls.map((call) => `${typeof call === 'string' ? call : JSON.stringify(call)}\n`).join(''));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-session-'));
  writeFileSync(join(folder, 'pass'), 'six random words would be better\n');
  writeFileSync(join(folder, 'app.tar'), 'an application');
  spawnSync(process.execPath, [strongroom, 'vault', 'create', ...secrets, '--person', 'Ada Officer', '--unlock-cost', 'minimum'], { cwd: folder, env: { ...process.env, XDG_STATE_HOME: folder } });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a session', () => {
  test('generates, signs, and answers in the order of the lines', () => {
    const { status, lines } = session(
      { id: 1, method: 'key.generate', request: { name: 'release', purpose: 'signature', algorithm: 'rsa-2048' } },
      { id: 'two', method: 'key.sign', request: { key: 'release', files: ['app.tar'], mechanism: 'rsa-pkcs1-sha256' } },
      { id: 3, method: 'key.public', request: { key: 'release', format: 'pem' } },
    );
    expect(status).toBe(0);
    expect(lines[0]?.opened?.vaultId).toMatch(/^[0-9a-f]{32}$/);
    expect(lines.slice(1).map(({ id, ok }) => [id, ok])).toEqual([[1, true], ['two', true], [3, true]]);
    const { items } = (lines[2]?.value ?? {}) as unknown as { items: { signature: string }[] };
    const { text } = (lines[3]?.value ?? {}) as unknown as { text: string };
    expect(verify('sha256', readFileSync(join(folder, 'app.tar')), createPublicKey(text), Buffer.from(items[0]?.signature ?? '', 'base64'))).toBe(true);
    expect(existsSync(join(folder, 'app.tar.sig'))).toBe(false);
  });

  test('writes results into files, and overwrites only when asked', () => {
    const call = { method: 'key.sign', request: { key: 'release', files: ['app.tar'], signatures: ['app.tar.sig'] } };
    const { lines } = session({ id: 1, ...call }, { id: 2, ...call }, { id: 3, ...call, overwrite: true });
    expect(lines.slice(1).map(({ ok, error }) => error?.code ?? ok)).toEqual([true, 'file-exists', true]);
  });

  test('confirms a guarded call by what stands beside it, and no other by it', () => {
    const destroy = { method: 'key.destroy', request: { key: 'release', version: 1, reason: 'replaced' } };
    const { lines } = session({ id: 1, method: 'key.rotate', request: { key: 'release' } }, { id: 2, ...destroy, confirm: 'another' }, { id: 3, ...destroy }, { id: 4, ...destroy, confirm: 'release' });
    expect(lines.slice(1).map(({ ok, error }) => error?.code ?? ok)).toEqual([true, 'confirmation-wrong', 'secret-unavailable', true]);
  });

  test("the command's own --confirm is for the unlock, and confirms no line", () => {
    const calls = [{ id: 1, method: 'key.generate', request: { name: 'kept', purpose: 'signature', algorithm: 'ec-p256' } }, { id: 2, method: 'key.destroy', request: { key: 'kept', reason: 'never' } }];
    const { lines } = run(['session', ...secrets, '--confirm', 'kept'], calls.map((call) => `${JSON.stringify(call)}\n`).join(''));
    expect(lines.slice(1).map(({ ok, error }) => error?.code ?? ok)).toEqual([true, 'secret-unavailable']);
  });

  test.each<[string, object | string, RegExp]>([
    ['no JSON', 'key list', /one JSON object/],
    ['a list', '[1]', /one JSON object/],
    ['an unknown method', { id: 7, method: 'key.steal', request: {} }, /"method" expected one of the contract/],
    ['the name of a part of objects', { id: 7, method: 'constructor' }, /"method" expected one of the contract/],
    ['a method that opens a vault', { id: 7, method: 'vault.unlock', request: {} }, /not for a session/],
    ['a field of the line that there is not', { id: 7, method: 'key.list', passphrase: 'never' }, /a field that is not one of/],
    ['a request that is no object', { id: 7, method: 'key.list', request: 'all' }, /"request" expected an object/],
    ['a field of the request that there is not', { id: 7, method: 'key.list', request: { passphrase: 'never' } }, /does not know/],
    ['a file that is no path', { id: 7, method: 'key.sign', request: { key: 'release', files: [7] } }, /"files/],
    ['a line without end', `{"id":7,"method":"${'x'.repeat(5_000_000)}"}`, /at most 4194304/],
  ])('answers %s, and goes on', (_, line, message) => {
    const { status, lines } = session(line, { id: 8, method: 'key.list', request: {} });
    expect(status).toBe(0);
    expect(lines[1]?.ok).toBe(false);
    expect(lines[1]?.error?.code).toBe('request-invalid');
    expect(lines[1]?.error?.message).toMatch(message);
    expect(JSON.stringify(lines[1])).not.toContain('never');
    expect(lines[2]).toMatchObject({ id: 8, ok: true });
  });

  test('says once what keeps the vault closed', () => {
    writeFileSync(join(folder, 'wrong'), 'not this one\n');
    const { status, lines, stderr } = run(['session', '--vault', 'keys.strongroom', '--passphrase-file', 'wrong'], '{"id":1,"method":"key.list"}\n');
    expect([status, lines.length, lines[0]?.error?.code]).toEqual([4, 1, 'wrong-passphrase']);
    expect(stderr).toContain('passphrase');
  });

  test('tells the progress of a call where it is asked for, and ends a call that is cancelled', async () => {
    writeFileSync(join(folder, 'large'), new Uint8Array(256 * 1024 * 1024));
    const child = spawn(process.execPath, [strongroom, 'session', ...secrets], { cwd: folder, env: { ...process.env, XDG_STATE_HOME: folder } });
    const answers: Answer[] = [];
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) answers.push(JSON.parse(part) as Answer);
      if (child.stdin.writable && answers.some(({ progress }) => progress !== undefined)) child.stdin.end('{"cancel":1}\n');
    });
    child.stdin.write(`${JSON.stringify({ id: 1, method: 'key.sign', request: { key: 'release', files: ['large'] }, progress: true })}\n`);
    await new Promise((resolve) => child.on('close', resolve));
    expect(answers.at(-1)).toMatchObject({ id: 1, ok: false, error: { code: 'cancelled' } });
    expect(answers.some(({ progress }) => progress !== undefined)).toBe(true);
  });

  test('a thousand calls take one unlock', () => {
    const calls = Array.from({ length: 1000 }, (_, id) => ({ id, method: 'key.show', request: { key: 'release' } }));
    const { lines } = session(...calls);
    expect(lines.slice(1).filter(({ id, ok }, index) => id === index && ok === true)).toHaveLength(1000);
  });

  test('a thousand documents are one call, one use of the place and two entries of the log', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `document-${index}`);
    for (const name of names) writeFileSync(join(folder, name), `${name}\n`);
    const authority = new CertificateAuthority(folder);
    session(
      { id: 1, method: 'key.generate', request: { name: 'notary', purpose: 'signature', algorithm: 'ec-p256' } },
      { id: 2, method: 'key.requestCertificate', request: { key: 'notary', subject: 'CN=Notary', template: 'document-signing', out: 'notary.csr' } },
    );
    authority.issue('notary');
    const sign = { key: 'notary', format: 'cms', files: names, signatures: names.map((name) => `${name}.p7s`) };
    const { lines } = session({ id: 1, method: 'key.attachCertificate', request: { key: 'notary', file: 'notary.chain.pem' } }, { id: 2, method: 'vault.info' }, { id: 3, method: 'key.sign', request: sign }, { id: 4, method: 'vault.info' });
    const [before, signed, after] = lines.slice(2).map(({ value }) => (value ?? {}) as { readonly logEntries?: number; readonly signed?: number });
    expect([signed?.signed, (after?.logEntries ?? 0) - (before?.logEntries ?? 0)]).toEqual([1000, 2]);
    for (const name of ['document-0', 'document-999']) expect(spawnSync('openssl', ['cms', '-verify', '-binary', '-inform', 'DER', '-in', `${name}.p7s`, '-content', name, '-CAfile', 'root.crt', '-purpose', 'any', '-out', 'out'], { cwd: folder, encoding: 'utf8' }).stderr).toBe('CMS Verification successful\n');
  }, 120_000);
});
