/**
 * Marked secrets are planted (passphrases, PINs, the bytes of keys) and looked for in everything that comes out of the command line:
 * output, errors, logs, exports, arguments, environments, temporary files, the vault's own bytes. As a control, builds that leak are caught.
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSoftHsmToken, softHsmModulePath } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { watch } from './watch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = join(root, 'node_modules/.bin/node');
const leaky = join(root, 'test/leak/leakyBuild.ts');

/** Where the secrets live on purpose; looked through by nobody. */
let secretFolder: string;
let folder: string;
let token: SoftHsmToken;
const pin = '7391846250';
const material = randomBytes(32);
/** A secret and a private key in files of others. */
const clear = randomBytes(32);
const foreign = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const planted: Record<string, Buffer> = {
  passphrase: Buffer.from('Planted-Passphrase-hJ7q'),
  newPassphrase: Buffer.from('Planted-Successor-wX3z'),
  pin: Buffer.from(pin),
  newPin: Buffer.from('5820461937'),
  soPin: Buffer.from('6048213975'),
  material,
  clear,
  privateValue: Buffer.from(foreign.export({ format: 'jwk' }).d ?? '', 'base64url'),
  filePassword: Buffer.from('Planted-FilePassword-tR5m'),
};

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
/** The forms in which bytes travel. */
function formsOf(secret: Buffer): readonly Buffer[] {
  const texts = [secret.toString('hex'), secret.toString('hex').toUpperCase(), base64(secret), base64(secret).replace(/\+/g, '-').replace(/\//g, '_'), [...secret].join(',')];
  return [secret, Buffer.from(secret.toString('latin1'), 'utf16le'), ...texts.map((text) => Buffer.from(text))];
}

function findIn(where: string, bytes: Buffer): string[] {
  return Object.entries(planted).filter(([, secret]) => formsOf(secret).some((form) => bytes.includes(form))).map(([name]) => `${name} in ${where}`);
}

function filesUnder(path: string): string[] {
  return readdirSync(path).flatMap((name) => {
    const inner = join(path, name);
    const stat = statSync(inner, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) return filesUnder(inner);
    return stat?.isFile() === true ? [inner] : [];
  });
}

beforeAll(() => {
  secretFolder = mkdtempSync(join(tmpdir(), 'strongroom-planted-'));
  writeFileSync(join(secretFolder, 'pass'), planted.passphrase ?? '');
  writeFileSync(join(secretFolder, 'next'), planted.newPassphrase ?? '');
  writeFileSync(join(secretFolder, 'pin'), pin);
  writeFileSync(join(secretFolder, 'new-pin'), planted.newPin ?? '');
  writeFileSync(join(secretFolder, 'so-pin'), planted.soPin ?? '');
  writeFileSync(join(secretFolder, 'material'), material);
  writeFileSync(join(secretFolder, 'clear'), clear);
  writeFileSync(join(secretFolder, 'file-password'), planted.filePassword ?? '');
  writeFileSync(join(secretFolder, 'foreign.pem'), foreign.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: planted.filePassword ?? '' }));
  token = makeSoftHsmToken('leak', pin, planted.soPin?.toString());
  folder = mkdtempSync(join(tmpdir(), 'strongroom-leak-'));
});
afterAll(() => {
  token.remove();
  for (const path of [secretFolder, folder]) rmSync(path, { recursive: true, force: true });
});

interface Scene {
  readonly found: string[];
  readonly statuses: (number | null)[];
}

/** The main job by the command line in `place`, and where planted secrets came out. */
async function play(place: string, leak?: readonly string[]): Promise<Scene> {
  mkdirSync(join(place, 'tmp'), { recursive: true });
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, XDG_STATE_HOME: join(place, 'state'), SOFTHSM2_CONF: token.environment.SOFTHSM2_CONF, TMPDIR: join(place, 'tmp'), ...(leak === undefined ? {} : { STRONGROOM_LEAK: JSON.stringify(leak) }) };
  const found: string[] = [];
  const statuses: (number | null)[] = [];
  const secret = (name: string) => join(secretFolder, name);
  const run = async (passphrase: string, ...words: string[]) => {
    if (leak !== undefined && found.length > 0) return; // it is caught
    const args = [...(leak === undefined ? [] : ['--import', leaky]), join(root, 'electron/cli/strongroom.cjs'), ...words, '--vault', 'v.strongroom', '--passphrase-file', secret(passphrase), '--pin-file', secret('pin')];
    const { status, output, processes } = await watch(node, args, { cwd: place, env });
    statuses.push(status);
    const command = words.slice(0, 2).join(' ');
    found.push(...findIn(`the output of ${command}`, output), ...findIn(`arguments or environment of ${command}`, processes));
  };
  await run('pass', 'vault', 'create', '--person', 'Ada', '--unlock-cost', 'minimum');
  await run('pass', 'token', 'add', softHsmModulePath(), '--confirm', 'libsofthsm2.so');
  for (const [name, at] of [['inbox', 'software'], ['inbox-token', 'leak']] as const) {
    await run('pass', 'key', 'generate', name, '--purpose', 'key-transport', '--algorithm', 'rsa-2048', '--place', at);
    await run('pass', 'key', 'public', name, '--out', `${name}.pem`);
    if (!existsSync(join(place, `${name}.pem`))) continue;
    const hash = at === 'software' ? 'sha256' : 'sha1';
    execFileSync('openssl', ['pkeyutl', '-encrypt', '-pubin', '-inkey', join(place, `${name}.pem`), '-in', secret('material'), '-out', join(place, `${name}.in`), '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', `rsa_oaep_md:${hash}`]);
    await run('pass', 'key', 'unwrap', `planted-${at}`, '--purpose', 'data-encryption', '--algorithm', 'aes-256', '--exportable', '--with', name, '--format', `rsa-oaep-${hash}`, '--in', `${name}.in`);
    if (leak !== undefined) continue;
    writeFileSync(join(place, 'plain'), 'not secret');
    await run('pass', 'key', 'encrypt', `planted-${at}`, '--in', 'plain', '--out', `${name}.sr`);
    await run('pass', 'key', 'decrypt', '--in', `${name}.sr`, '--out', `${name}.back`);
  }
  if (leak === undefined) {
    await importAndUse(run);
    await playOn(run);
  }
  else await run('pass', 'audit', 'list', '--json');
  for (const path of filesUnder(place)) found.push(...findIn(`the file ${path.slice(place.length + 1)}`, readFileSync(path)));
  return { found, statuses };
}

/** Keys out of files of others, looked at, taken in and used; a wrong password, and a file that is read in two ways. */
async function importAndUse(run: (passphrase: string, ...words: string[]) => Promise<void>): Promise<void> {
  const file = (name: string) => join(secretFolder, name);
  await run('pass', 'key', 'inspect', file('foreign.pem'), '--file-password-file', file('file-password'));
  await run('pass', 'key', 'import', 'foreign', file('foreign.pem'), '--purpose', 'signature', '--file-password-file', file('file-password'));
  await run('pass', 'key', 'import', 'foreign-token', file('foreign.pem'), '--purpose', 'signature', '--place', 'leak', '--file-password-file', file('file-password'));
  await run('pass', 'key', 'import', 'never', file('foreign.pem'), '--purpose', 'signature', '--file-password-file', file('pass')); // a wrong password
  await run('pass', 'key', 'import', 'clear', file('clear'), '--purpose', 'mac', '--algorithm', 'hmac-sha256', '--secret-form', 'raw');
  await run('pass', 'key', 'mac', 'clear', 'plain');
  await run('pass', 'key', 'sign', 'foreign', 'plain', '--format', 'jws');
  await run('pass', 'key', 'sign', 'foreign-token', 'plain', '--format', 'sshsig', '--signatures', 'plain.ssh');
}

/** The rest of the job, which a build that leaks need not reach. */
async function playOn(run: (passphrase: string, ...words: string[]) => Promise<void>): Promise<void> {
  await run('next', 'key', 'list', '--json'); // a wrong passphrase
  await run('pass', 'vault', 'passwd', '--unlock-cost', 'minimum', '--new-passphrase-file', join(secretFolder, 'next'));
  await run('next', 'audit', 'list', '--json');
  await run('next', 'audit', 'export', '--out', 'log.jsonl');
  await run('next', 'key', 'show', 'planted-software', '--json');
  await run('next', 'key', 'rotate', 'planted-software');
  await run('next', 'key', 'destroy', 'planted-software', '--version', '1', '--reason', 'seen', '--confirm', 'planted-software');
  await run('next', 'token', 'change-pin', 'leak', '--new-pin-file', join(secretFolder, 'new-pin'));
  await run('next', 'token', 'check-pin', 'leak'); // the old one is wrong now
  await run('next', 'token', 'unblock-pin', 'leak', '--so-pin-file', join(secretFolder, 'so-pin'), '--new-pin-file', join(secretFolder, 'pin'));
  await run('next', 'token', 'trace', 'leak', '--out', 'trace.txt');
  await run('next', 'vault', 'check');
}

describe('marked secrets', () => {
  test('come out nowhere', async () => {
    const { found, statuses } = await play(folder);
    expect(statuses).toEqual([0, 0, ...Array<number>(10).fill(0), 0, 0, 0, 4, 0, 0, 0, 0, 4, ...Array<number>(7).fill(0), 5, 0, 0, 0]);
    expect(found).toEqual([]);
    expect(readdirSync(join(folder, 'tmp')).filter((name) => !name.startsWith('node-compile-cache')), 'nothing is left in the temporary folder').toEqual([]);
  }, 180_000);

  test.each<[string, readonly [file: string, find: string, replacement: string]]>([
    ['the passphrase on standard error', ['unlock/wayIn.ts', 'const held =', 'process.stderr.write(secrets.passphrase.expose()); const held =']],
    ['the passphrase in a temporary file', ['unlock/wayIn.ts', 'const held =', "(await import('node:fs')).writeFileSync(process.env.TMPDIR + '/crash.dump', secrets.passphrase.expose()); const held ="]],
    ['the PIN in the arguments of a child', ['cli/terminalPrompt.ts', 'if (finalTry) await', "(await import('node:child_process')).spawn('sh', ['-c', 'sleep 0.5', 'helper', (await import('node:fs')).readFileSync(this.#answers.pinFile ?? '/dev/null', 'utf8')], { stdio: 'ignore' }); if (finalTry) await"]],
    ['key material in the log', ['crypto/secretIdentity.ts', 'return ', 'return new Uint8Array(key); return ']],
    ['key material in the clear in the vault', ['unlock/materialRows.ts', "material: sealEnvelope(key, epoch, context(vault, 'material', id), material.expose())", "material: material.length === 32 ? new Uint8Array(material.expose()) : sealEnvelope(key, epoch, context(vault, 'material', id), material.expose())"]],
  ])('a build that leaks %s is caught', async (_, leak) => {
    const place = mkdtempSync(join(tmpdir(), 'strongroom-leaky-'));
    cpSync(folder, place, { recursive: true, filter: (path) => path === folder });
    const { found } = await play(place, leak);
    rmSync(place, { recursive: true, force: true });
    expect(found).not.toEqual([]);
  }, 180_000);
});
