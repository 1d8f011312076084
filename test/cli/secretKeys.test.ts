/** The examples of the contract's methods for MACs, agreement and old ciphertexts, typed as they stand in the help, and what others make of the results. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flagOf } from '../../electron/cli/request.ts';
import { contract } from '../../shared/ipc/contract.ts';
import type { MethodName } from '../../shared/ipc/contract.ts';

const program = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));
let folder: string;

function strongroom(words: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync('sh', ['-c', `"$NODE" "$PROGRAM" ${words} --passphrase-file pass`], { cwd: folder, env: { ...process.env, NODE: process.execPath, PROGRAM: program, XDG_STATE_HOME: folder }, encoding: 'utf8' });
}

function done(words: string): string {
  const { status, stdout, stderr } = strongroom(words);
  expect([status, stderr], words).toEqual([0, '']);
  return stdout;
}

/** @param other what stands for a name of the example */
function example(method: MethodName, other: (words: string) => string = (words) => words): string {
  const [noun = '', verb = ''] = method.split('.');
  return done(`${noun} ${flagOf(verb)} ${other(contract[method].example)}`);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-examples-'));
  writeFileSync(join(folder, 'pass'), 'six random words would be better\n');
  writeFileSync(join(folder, 'orders.csv'), 'order;sum\n');
  writeFileSync(join(folder, 'app.tar'), 'an application');
  done('vault create --vault keys.strongroom --person "Ada Officer" --unlock-cost minimum --new-passphrase-file pass');
  const keys = [['settlement', 'mac', 'hmac-sha256'], ['agreement', 'key-agreement', 'x25519'], ['archive', 'data-encryption', 'aes-256'], ['their-kem', 'key-agreement', 'ml-kem-768'], ['release', 'signature', 'ec-p256']];
  for (const [name, purpose, algorithm] of keys) done(`key generate ${name} --vault keys.strongroom --purpose ${purpose} --algorithm ${algorithm}`);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('key mac, and key verify-mac of its file', () => {
  const tag = /[0-9a-f]{64}/.exec(JSON.parse(example('key.mac', (words) => `${words} --json`)).value.items[0].tag)?.[0];
  done('key mac settlement orders.csv --tags orders.csv.mac --vault keys.strongroom');
  expect(readFileSync(join(folder, 'orders.csv.mac')).toString('hex')).toBe(tag);
  expect(example('key.verifyMac')).toContain('settlement');
  expect(strongroom(`key verify-mac settlement --vault keys.strongroom --in app.tar --tag ${tag}`).status).toBe(1);
});

test('key derive with the public key of a partner, in PEM and as a JWK', () => {
  execFileSync('openssl', ['genpkey', '-algorithm', 'X25519', '-out', 'partner.key'], { cwd: folder });
  execFileSync('openssl', ['pkey', '-in', 'partner.key', '-pubout', '-out', 'partner.pem'], { cwd: folder });
  expect(example('key.derive')).toContain('ecdh-hkdf-sha256');
  const der = execFileSync('openssl', ['pkey', '-in', 'partner.key', '-pubout', '-outform', 'DER'], { cwd: folder });
  writeFileSync(join(folder, 'partner.jwk'), JSON.stringify({ kty: 'OKP', crv: 'X25519', x: der.subarray(-32).toString('base64url') }));
  done('key derive by-jwk --vault keys.strongroom --purpose data-encryption --algorithm aes-256 --from agreement --peer partner.jwk --info "files 2027"');
  const refused = strongroom('key derive never --vault keys.strongroom --purpose data-encryption --algorithm aes-256 --from agreement --peer partner.key');
  expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('private key')]);
});

test('key encapsulate to a public key, derived again by its owner', () => {
  done('key public their-kem --vault keys.strongroom --out their.pem');
  example('key.encapsulate', (words) => words.replace('partner.pem', 'their.pem').replace(/^session/, 'sent'));
  expect(readFileSync(join(folder, 'session.kem'))).toHaveLength(1088);
  done('key derive received --vault keys.strongroom --purpose data-encryption --algorithm aes-256 --from their-kem --peer session.kem --info "files 2027"');
});

test('key decrypt-cbc of what was never encrypted under the key says one thing, and leaves nothing', () => {
  writeFileSync(join(folder, 'old.bin'), Buffer.alloc(64, 1));
  const { status, stderr } = strongroom(`key decrypt-cbc ${contract['key.decryptCbc'].example}`);
  expect([status, stderr]).toEqual([3, expect.stringContaining('the data cannot be decrypted')]);
  expect(() => readFileSync(join(folder, 'old.txt'))).toThrow();
  expect(strongroom('key decrypt-cbc archive --vault keys.strongroom --in old.bin --out old.txt --iv 00').status).toBe(2);
});

test('an ECDSA signature in DER that openssl takes, and the same as r and s', () => {
  done('key sign release app.tar --vault keys.strongroom');
  done('key public release --vault keys.strongroom --out release.pem');
  expect(execFileSync('openssl', ['dgst', '-sha256', '-verify', 'release.pem', '-signature', 'app.tar.sig', 'app.tar'], { cwd: folder }).toString()).toContain('OK');
  done('key sign release app.tar --signatures raw.sig --encoding p1363 --vault keys.strongroom');
  expect(readFileSync(join(folder, 'raw.sig'))).toHaveLength(64);
  done('key verify release --in app.tar --signature raw.sig --encoding p1363 --vault keys.strongroom');
});
