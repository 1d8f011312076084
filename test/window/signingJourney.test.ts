/** The signing journey in a real Chromium: a certificate asked for and attached, files signed by drop in every form, and verified by us and by other programs. */
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropFiles } from '../fixtures/droppedFiles.ts';
import { lookAt } from '../fixtures/looks.ts';
import { makeVault, openWindow } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';
import { askBridge, goTo } from '../fixtures/windowPage.ts';

let window: TestWindow;
let page: Page;

const run = (program: string, args: readonly string[], input?: string) => execFileSync(program, args, { cwd: window.folder, input: input ?? '', stdio: ['pipe', 'pipe', 'pipe'] });
const openssl = (...args: string[]) => run('openssl', args);
const write = (name: string, text: string) => writeFileSync(window.path(name), text);

const go = (place: string) => goTo(page, place);

const ask = (method: string, request: unknown) => askBridge(page, method, request);

/** In the list of files: what became of one. */
const rowOf = (name: string) => page.getByRole('region', { name: 'Files' }).getByRole('row', { name: new RegExp(name.replace('.', '\\.')) });
const dropped = (...names: string[]) => names.map((name) => window.path(name));

async function savePublic(key: string, file: string): Promise<void> {
  await go(`key/${key}`);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Public half…' }).click();
  await page.getByRole('radio', { name: file.endsWith('.pub') ? /^OpenSSH/ : /^PEM/ }).click({ force: true });
  await page.getByRole('button', { name: 'Save the public half…' }).click();
  await window.choose(window.path(file));
  await page.getByText(`Written to ${file}.`).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
}

beforeAll(async () => {
  window = await openWindow();
  ({ page } = window);
  await makeVault(window);
  for (const [name, purpose, algorithm] of [['release', 'signature', 'ec-p256'], ['ssh-signer', 'authentication', 'ed25519'], ['codes', 'mac', 'hmac-sha256'], ['agree', 'key-agreement', 'x25519'], ['root', 'key-derivation', 'hmac-sha256']]) await ask('key.generate', { name, purpose, algorithm });
}, 60_000);
afterAll(async () => {
  await window.close();
});

describe('a certificate', () => {
  test('is asked for with names, issued by openssl, attached, and shown by its standing', async () => {
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Test authority', '-days', '30');
    await go('key/release');
    await page.getByText('None is attached to version 1').waitFor();
    await page.getByRole('button', { name: 'Request one…' }).click();
    await page.getByLabel('Subject').fill('CN=Release,O=Example,C=DE');
    await page.getByLabel('Other names').fill('host.example');
    await page.getByText('begin it with dns:').first().waitFor();
    await page.getByLabel('Other names').fill('email:release@example.org');
    await page.getByLabel('It is for').selectOption('code-signing');
    await lookAt('certificate-request', page);
    await page.getByRole('button', { name: 'Write the request…' }).click();
    await window.choose(window.path('release'));
    await page.getByText('Written to release.csr').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
    expect(openssl('req', '-in', 'release.csr', '-verify', '-noout', '-text').toString()).toContain('email:release@example.org');
    openssl('x509', '-req', '-in', 'release.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '30', '-copy_extensions', 'copy', '-out', 'release.crt');
    writeFileSync(window.path('chain.pem'), ['release.crt', 'ca.crt'].map((name) => readFileSync(window.path(name), 'utf8')).join(''));
    await page.getByRole('button', { name: 'Attach one…' }).click();
    await window.answer({ 'Path of the file': window.path('chain.pem') }, 'Attach');
    await page.locator('[data-standing="In its time"]').waitFor();
    await page.getByText('2 certificates, its own first').waitFor();
    await lookAt('key-certificate', page);
  });

  test('of another key is refused, and the one that was there stays', async () => {
    await page.getByRole('button', { name: 'Attach another…' }).click();
    await window.answer({ 'Path of the file': window.path('ca.crt') }, 'Attach');
    await page.getByText('What happened').waitFor();
    await page.locator('[data-standing="In its time"]').waitFor();
  });
});

describe('files that are dropped', () => {
  test('are signed as CMS in one batch: each shows its signature or its reason, and openssl verifies', async () => {
    for (const name of ['a.tar', 'b.tar', 'c.tar']) write(name, `content of ${name}`);
    write('b.tar.p7s', 'it was there before');
    await go('use/release');
    await page.getByText('With your certificate and the time').click();
    await dropFiles(page, dropped('a.tar', 'b.tar', 'c.tar'));
    await page.getByText('2 waiting, 1 failed').waitFor();
    await lookAt('sign-waiting', page);
    await page.getByRole('button', { name: 'Sign 2 files' }).click();
    await page.getByText('2 signed, 1 failed').waitFor();
    await lookAt('sign-done', page);
    expect(await rowOf('a.tar').textContent()).toContain('a.tar.p7s');
    expect(await rowOf('b.tar').textContent()).toMatch(/Failed.*there already/);
    expect(readFileSync(window.path('b.tar.p7s'), 'utf8')).toBe('it was there before');
    for (const name of ['a.tar', 'c.tar']) expect(openssl('cms', '-verify', '-binary', '-inform', existsSync(window.path(`${name}.p7s`)) && readFileSync(window.path(`${name}.p7s`))[0] === 0x30 ? 'DER' : 'PEM', '-in', `${name}.p7s`, '-content', name, '-CAfile', 'ca.crt', '-purpose', 'any').toString()).toBe(`content of ${name}`);
    write('e.tar', 'another');
    await dropFiles(page, dropped('e.tar'));
    await page.getByText('1 waiting, 2 signed, 1 failed').waitFor(); // what is finished stays
    await page.getByRole('button', { name: 'Clear all' }).click();
    expect(await page.getByRole('region', { name: 'Files' }).count()).toBe(0);
  });

  test('are verified with the key, dropped together: one is valid, a changed one is not', async () => {
    appendFileSync(window.path('c.tar'), 'changed');
    await go('use/release/verify');
    await dropFiles(page, dropped('a.tar', 'a.tar.p7s', 'c.tar', 'c.tar.p7s'));
    await page.getByRole('button', { name: 'Verify 2 files' }).click();
    await page.getByText('1 valid, 1 not valid').waitFor();
    expect(await rowOf('a.tar').textContent()).toMatch(/^Valid.*By version 1 of release, which is active/);
    expect(await rowOf('c.tar').textContent()).toMatch(/^Not valid/);
    await rowOf('a.tar').getByText('What was checked').click();
    await page.getByText('Not checked:').first().waitFor();
    await lookAt('verified', page);
  });

  test('for OpenSSH: ssh-keygen verifies, and the window with allowed_signers', async () => {
    await savePublic('ssh-signer', 'signer.pub');
    await savePublic('release', 'release.pem');
    write('allowed_signers', `ada@example.org ${readFileSync(window.path('signer.pub'), 'utf8')}`);
    await go('use/ssh-signer');
    await page.getByText('ssh-keygen -Y verify, Git commits').click();
    await dropFiles(page, dropped('a.tar', 'b.tar'));
    await page.getByRole('button', { name: 'Sign 2 files' }).click();
    await page.getByText('2 signed').waitFor();
    expect(run('ssh-keygen', ['-Y', 'verify', '-f', 'allowed_signers', '-I', 'ada@example.org', '-n', 'file', '-s', 'a.tar.sig'], 'content of a.tar').toString()).toContain('Good "file" signature');
    await go('use/ssh-signer/verify');
    await page.getByText("Somebody's key", { exact: true }).click();
    await dropFiles(page, dropped('allowed_signers'));
    await page.getByLabel('Who must have signed').fill('ada@example.org');
    await dropFiles(page, dropped('a.tar', 'a.tar.sig', 'b.tar', 'b.tar.sig'), 1);
    await page.getByRole('button', { name: 'Verify 2 files' }).click();
    await page.getByText('2 valid').waitFor();
    await lookAt('verified-ssh', page);
  });

  test('by the signature alone, in the encoding that was asked for; openssl verifies with the public half', async () => {
    write('d.tar', 'content of d.tar');
    await go('use/release');
    await dropFiles(page, dropped('d.tar'));
    await page.getByRole('button', { name: 'Sign 1 file' }).click();
    await page.getByText('1 signed').waitFor();
    expect(openssl('dgst', '-sha256', '-verify', 'release.pem', '-signature', 'd.tar.sig', 'd.tar').toString()).toContain('Verified OK');
    await go('key/release');
    await page.getByRole('region', { name: 'Signatures' }).getByText('Made').first().waitFor();
    await page.getByRole('region', { name: 'Signatures' }).scrollIntoViewIfNeeded();
    await lookAt('key-signatures', page);
  });
});

describe('authentication codes', () => {
  test('are made, shown in hex and written beside; a right one and a wrong one are told apart', async () => {
    await go('use/codes');
    await dropFiles(page, dropped('a.tar', 'd.tar'));
    await page.getByRole('button', { name: 'Make 2 tags' }).click();
    await page.getByText('2 done').waitFor();
    await lookAt('tags', page);
    const shown = await rowOf('a.tar').textContent();
    await page.getByRole('button', { name: 'Clear what is finished' }).click();
    await page.getByLabel('Write each tag beside its file').check();
    await dropFiles(page, dropped('a.tar'));
    await page.getByRole('button', { name: 'Make 1 tag' }).click();
    await page.getByText('1 done').waitFor();
    expect(shown).toContain(readFileSync(window.path('a.tar.mac')).toString('hex'));
    await go('use/codes/check');
    await dropFiles(page, dropped('a.tar'));
    await dropFiles(page, dropped('a.tar.mac'), 1);
    await page.getByRole('button', { name: 'Verify the tag' }).click();
    await page.getByText('The tag of a.tar is right').waitFor();
    await dropFiles(page, dropped('d.tar'));
    await page.getByLabel('Or the tag in hex').fill(createHmac('sha256', 'no').digest('hex'));
    await page.getByRole('button', { name: 'Verify the tag' }).click();
    await page.getByText('The tag is not right').waitFor();
    await lookAt('tag-wrong', page);
  });
});

describe('a key from another', () => {
  test('is derived, and agreed on with a public key of openssl', async () => {
    openssl('genpkey', '-algorithm', 'X25519', '-out', 'partner.key');
    openssl('pkey', '-in', 'partner.key', '-pubout', '-out', 'partner.pem');
    await go('derive/agree');
    await lookAt('derive', page);
    await dropFiles(page, dropped('partner.pem'));
    await page.getByLabel('A text that binds').fill('files 2027');
    await page.getByLabel('Name here').fill('session');
    await page.getByRole('button', { name: 'Derive session' }).click();
    await page.getByRole('heading', { name: 'session' }).waitFor();
    await go('derive/root');
    await page.getByLabel('Name here').fill('child');
    await page.getByRole('button', { name: 'Derive child' }).click();
    await page.getByRole('heading', { name: 'child' }).waitFor();
    await page.getByText('was derived').waitFor();
  });
});

test('the history of each key says these in a sentence', async () => {
  for (const [key, sentences] of [['release', [/certificate for release/, /certificate to release/, /sign release/]], ['codes', [/make tags with codes/]], ['session', [/derive a key session/]]] as const) {
    await go(`key/${key}`);
    for (const sentence of sentences) await page.getByRole('region', { name: 'History' }).getByText(sentence).first().waitFor();
  }
});

test('nothing was complained of: no script error, no violation of the policy of the pages', () => {
  expect(window.complaints).toEqual([]);
});
