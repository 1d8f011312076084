/** The README's commands, run as they stand: in order, in one folder, with a SoftHSM token and a recipient made by openssl. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flagOf } from '../../electron/cli/request.ts';
import { contract, methodNames } from '../../shared/ipc/contract.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { addSecondToken } from '../fixtures/twoTokens.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
/** The lines of the blocks of commands. */
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]?.trim().split('\n') ?? []);
const journeys = blocks.slice(1).flat();

let folder: string;
let token: SoftHsmToken;
let env: NodeJS.ProcessEnv;

/** A `strongroom` on the path that gives every secret from files, where the README's reader types it. The authority answers a request before its certificate is attached; the passphrase costs the least, as every command pays it. */
const wrapper = `#!/bin/sh
case "$*" in "key attach-certificate "*) openssl x509 -req -in release.csr -CA authority.pem -CAkey authority.key -days 30 -copy_extensions copyall -out release.crt 2> authority.log;; esac
case "$*" in "audit verify --log"* | "signature verify"* | "attestation verify"* | "completion "*) exec "$NODE" "$ROOT/electron/cli/strongroom.cjs" "$@";; esac
case "$*" in "vault create "*) set -- "$@" --unlock-cost minimum;; esac
exec "$NODE" "$ROOT/electron/cli/strongroom.cjs" "$@" --passphrase-file pass --pin-file pin
`;

beforeAll(() => {
  token = makeSoftHsmToken('officers');
  addSecondToken(token, 'backup');
  folder = mkdtempSync(join(tmpdir(), 'strongroom-readme-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/strongroom'), wrapper);
  chmodSync(join(folder, 'bin/strongroom'), 0o755);
  writeFileSync(join(folder, 'pass'), 'six random words would be better\n');
  writeFileSync(join(folder, 'pin'), token.userPin);
  writeFileSync(join(folder, 'wages.csv'), 'name;wage\n');
  writeFileSync(join(folder, 'app.tar'), 'an application');
  writeFileSync(join(folder, 'notes.txt'), 'what changed\n');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072', '-out', 'private.pem');
  openssl('pkey', '-in', 'private.pem', '-pubout', '-out', 'bank.pem');
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'authority.key', '-subj', '/CN=Authority', '-days', '30', '-out', 'authority.pem');
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'old.key', '-subj', '/CN=Old signer', '-days', '30', '-out', 'old.crt');
  writeFileSync(join(folder, 'p12-password'), 'tram-stop-5');
  openssl('pkcs12', '-export', '-inkey', 'old.key', '-in', 'old.crt', '-passout', 'file:p12-password', '-out', 'old-signer.p12');
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', 'theirs.pem');
  execFileSync('softhsm2-util', ['--module', token.modulePath, '--import', join(folder, 'theirs.pem'), '--token', 'officers', '--label', 'their-key', '--id', 'a1b2', '--pin', token.userPin], { env: { ...process.env, ...token.environment }, stdio: 'pipe' });
  copyFileSync(join(root, 'test/fixtures/attestations/yubikey-5.7.4.pem'), join(folder, 'attestation.pem'));
  writeFileSync(join(folder, 'orders.csv'), 'order;amount\n');
  writeFileSync(join(folder, 'calls.jsonl'), '{"id":1,"method":"key.list","request":{}}\n');
  const FINGERPRINT = createHash('sha256').update(openssl('pkey', '-in', 'private.pem', '-pubout', '-outform', 'DER')).digest('hex');
  env = { ...process.env, ...token.environment, FINGERPRINT, MODULE: token.modulePath, NODE: process.execPath, ROOT: root, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  token.remove();
});

const sh = (line: string) => spawnSync('sh', ['-c', line], { cwd: folder, env, encoding: 'utf8' });

describe('the README', () => {
  test('has two commands that package.json knows, and names the test command that CI runs', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    expect(blocks[0]?.map((line) => /^npm ci && npm (?:run )?(\w+)/.exec(line)?.[1])).toEqual(['start', 'demo', 'test']);
    for (const [, name] of readme.matchAll(/npm run (\w+)/g)) expect(scripts, `npm run ${name}`).toHaveProperty(name ?? '');
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain('npm ci && npm test');
  });

  test('links to files that are there', () => {
    for (const [, path] of readme.matchAll(/\]\(([^)]+)\)/g)) expect(() => readFileSync(join(root, path ?? ''))).not.toThrow();
  });

  test('has every dependency in its table', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
    for (const name of [...Object.keys(dependencies), ...Object.keys(devDependencies).filter((dev) => !dev.startsWith('@types/'))]) expect(readme, name).toContain(`\`${name}\``);
  });

  test.each(journeys.map((line) => [line]))('$ %s', (line) => {
    const { status, stderr } = sh(line);
    // OpenSSL says on its error stream that a CMS verifies
    expect([status, stderr]).toEqual([0, line.startsWith('openssl cms -verify') ? 'CMS Verification successful\n' : '']);
  }, 60_000);
});

describe('the command line', () => {
  /** The restored copy is the vault from now on where it was restored: these are asked at another seat. */
  beforeAll(() => {
    env = { ...env, XDG_STATE_HOME: join(folder, 'another-seat') };
  });

  test.each([['--help'], ...['vault', 'token', 'recipient', 'distribution', 'key', 'signature', 'attestation', 'identity', 'audit'].map((noun) => [`${noun} --help`])])('%s has an example', (words) => {
    const { status, stdout } = sh(`"$NODE" "$ROOT/electron/cli/strongroom.cjs" ${words}`);
    expect(status).toBe(0);
    expect(stdout).toContain('Example:\n  $ strongroom ');
  });

  test('has a verb with help and an example for every method of the contract', async () => {
    const { makeProgram } = await import('../../electron/cli/program.ts');
    const program = makeProgram(() => Promise.resolve(0), { session: () => Promise.resolve(0), completion: () => 0 }, () => undefined);
    for (const method of methodNames.filter((name) => !contract[name].windowOnly)) {
      const [noun, verb] = method.split('.');
      const command = program.commands.find((candidate) => candidate.name() === noun)?.commands.find((candidate) => candidate.name() === flagOf(verb ?? ''));
      expect(command?.summary(), method).toBe(contract[method].summary);
    }
  });

  test.each<[string, number, string]>([
    ['key', 2, ''],
    ['key nothing', 2, ''],
    ['key list', 2, '"--vault" expected the vault file'],
    ['key generate x --vault keys.strongroom', 2, ''],
    ['key generate x --vault keys.strongroom --purpose signature --algorithm rsa-1024', 2, ''],
    ['key generate x --vault keys.strongroom --purpose signature --algorithm rsa-2048 --use-limit many', 2, '"useLimit" expected a number'],
    ['key show nobody --vault keys.strongroom --passphrase-file pass', 3, 'no key is named "nobody"'],
    ['key list --vault nothing.strongroom --passphrase-file pass', 3, 'there is no vault'],
    ['key list --vault keys.strongroom --passphrase-file pin', 4, 'the passphrase is wrong'],
    ['key list --vault keys.strongroom --passphrase-file nothing', 4, '--passphrase-file'],
    ['key encrypt release --vault keys.strongroom --passphrase-file pass --in wages.csv --out x', 1, '[KEY-USE-PURPOSE]'],
    ['key generate t --vault keys.strongroom --passphrase-file pass --purpose signature --algorithm rsa-2048 --place nowhere', 5, 'no token is named "nowhere"'],
    ['audit verify --log wages.csv', 3, 'line 1'],
  ])('%s exits with %i', (words, status, said) => {
    const result = sh(`setsid "$NODE" "$ROOT/electron/cli/strongroom.cjs" ${words} < /dev/null`);
    expect([result.status, result.stderr.includes(said)], result.stderr).toEqual([status, true]);
  });

  test('without a terminal and without files it says what to give', () => {
    const { status, stderr } = sh('setsid "$NODE" "$ROOT/electron/cli/strongroom.cjs" key list --vault keys.strongroom < /dev/null');
    expect([status, stderr.includes('--passphrase-file FILE')], stderr).toEqual([4, true]);
  });

  test('answers in JSON, also where it refuses', () => {
    const good = sh('strongroom key list --vault keys.strongroom --json');
    expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, value: { keys: expect.any(Array) } });
    const bad = sh('strongroom key show nobody --vault keys.strongroom --json');
    expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });

  test('a person at a terminal types passphrase and name, and neither is shown', () => {
    const script = 'import os,pty,sys,termios\npid,fd=pty.fork()\nif pid==0: os.execvp("sh",["sh","-c",sys.argv[1]])\nout=b""\ndef until(t):\n global out\n while t not in out: out+=os.read(fd,4096)\nuntil(b"The passphrase")\nif termios.tcgetattr(fd)[3]&termios.ECHO: sys.exit("the question is seen while the terminal still echoes")\nos.write(fd,b"six random words would be bettex\\x7fr\\r")\nout2=b""\ntry:\n while True: out2+=os.read(fd,4096)\nexcept OSError: pass\nsys.stdout.buffer.write(out+out2)\nsys.exit(os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]))';
    const { status, stdout, stderr } = spawnSync('python3', ['-c', script, '"$NODE" "$ROOT/electron/cli/strongroom.cjs" key list --vault keys.strongroom'], { cwd: folder, env, encoding: 'utf8', timeout: 30_000 });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('payroll');
    expect(stdout).not.toContain('random words');
  });
});

test('npm run demo holds in every step', () => {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'electron/cli/demo/demo.ts')], { encoding: 'utf8' });
  expect(stdout).toContain('20 of 20 steps held');
  expect(status).toBe(0);
}, 120_000);
