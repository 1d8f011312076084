/** A core over a folder that holds a vault and its token, both made once and copied for each kill. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority } from '../fixtures/certificateAuthority.ts';
import { openTokenFolder } from '../fixtures/softHsm.ts';
import { testLauncher } from '../fixtures/openModules.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

/** Without bubblewrap: the module's process outlives its host by the call that it is in, which is the worse case. */
export function openCrashCore(folder: string): TestCore {
  const t = makeTestCore({ folder, token: { environment: openTokenFolder(join(folder, 'token')) }, launcher: testLauncher('process') });
  t.answers.pin = tokenPin;
  return t;
}

export const tokenPin = '648219';
const dataKey = { purpose: 'data-encryption', algorithm: 'aes-256', exportable: true } as const;

/** Certificates of the signing keys; one that waits to be attached. */
async function certify(t: TestCore): Promise<void> {
  const authority = new CertificateAuthority(t.folder);
  for (const name of ['signer', 'token-signer', 'doomed-pair']) {
    await t.call('key.requestCertificate', { key: name, subject: `CN=${name}`, template: 'document-signing', out: t.write(`${name}.csr`) });
    authority.issue(name);
    if (name !== 'doomed-pair') await t.call('key.attachCertificate', { key: name, file: t.read(`${name}.chain.pem`) });
  }
}

/** A vault with keys in it and on a token, certificates, a recipient, and files that were wrapped and encrypted. */
export async function prepare(t: TestCore, modulePath: string): Promise<void> {
  writeFileSync(t.path('plain'), 'what is to be kept\n'.repeat(200));
  await t.create();
  await t.call('token.add', { module: t.files.read(modulePath) });
  for (const [prefix, place] of [['', 'software'], ['token-', 'crash']] as const) {
    for (const name of ['cipher', 'doomed']) await t.call('key.generate', { ...dataKey, name: prefix + name, place });
    for (const name of ['signer', 'doomed-pair']) await t.call('key.generate', { name: prefix + name, purpose: 'signature', algorithm: 'rsa-2048', place });
    await t.call('key.generate', { name: `${prefix}kek`, purpose: 'key-wrapping', algorithm: 'aes-256', place });
    await t.call('key.wrap', { key: `${prefix}cipher`, under: `${prefix}kek`, out: t.write(`${prefix}cipher.kwp`) });
  }
  await certify(t);
  await t.call('key.generate', { name: 'inbox', purpose: 'key-transport', algorithm: 'rsa-2048' });
  await t.call('key.public', { key: 'inbox', out: t.write('inbox.pub') });
  await t.call('recipient.add', { name: 'ourselves', key: t.read('inbox.pub') });
  await t.call('key.export', { key: 'cipher', to: 'ourselves', acceptStrength: 112, out: t.write('cipher.oaep') });
  await t.call('key.encrypt', { key: 'cipher', in: t.read('plain'), out: t.write('cipher.stored') });
  await t.call('vault.lock', {});
  t.answers.passphrase = 'a wrong passphrase';
  await t.refused('vault.unlock', { file: t.read('test.strongroom') }); // so that the next unlock has attempts to fold into the log
}

/** A copy of a prepared folder, with a token of its own; without its vault where the work makes one. */
export function copyPrepared(from: string, withVault: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-crash-'));
  cpSync(from, folder, { recursive: true });
  if (!withVault) rmSync(join(folder, 'test.strongroom'));
  return folder;
}

/** What lies in the folder beside the token. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name !== 'token').sort();
}
