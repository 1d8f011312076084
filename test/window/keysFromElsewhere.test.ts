/** Keys that come from elsewhere, in a real Chromium: out of files of others and out of wrappings, each chosen by what a person can compare. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wordsOf } from '../../shared/words/pgpWords.ts';
import { lookAt } from '../fixtures/looks.ts';
import { makeVault, openWindow } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';
import { askBridge, goTo } from '../fixtures/windowPage.ts';

let window: TestWindow;
let page: Page;

const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: window.folder, stdio: ['ignore', 'pipe', 'pipe'] });
const promptSize = [['light', 420, 520], ['dark', 420, 520]] as const;

const go = (place: string) => goTo(page, place);

const ask = (method: string, request: unknown) => askBridge(page, method, request);

async function spkiOf(key: string): Promise<Buffer> {
  return Buffer.from((await ask('key.public', { key }))['spki'] as string, 'hex');
}

const spkiOfFile = (name: string, ...more: string[]) => openssl('pkey', '-in', name, '-pubout', '-outform', 'DER', ...more);
const firstWords = (spki: Buffer) => wordsOf(createHash('sha256').update(spki).digest('hex')).slice(0, 6).join(' ');

async function chooseFile(name: string): Promise<void> {
  await page.getByRole('button', { name: 'Choose…' }).first().click();
  await window.choose(window.path(name));
}

async function takeIn(name: string): Promise<void> {
  await page.getByLabel('Name here').fill(name);
  await page.getByRole('button', { name: `Import ${name}` }).click();
}

beforeAll(async () => {
  window = await openWindow();
  ({ page } = window);
  await makeVault(window);
}, 60_000);
afterAll(async () => {
  await window.close();
});

/** In the window, by the mouse: purpose, place and algorithm, name. */
async function makeKey(purpose: string, algorithm: string, name: string, onStep: (step: string) => Promise<void> = () => Promise.resolve()): Promise<void> {
  await go('generate');
  await page.getByText(purpose, { exact: true }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Recommended').waitFor();
  await page.getByRole('radio', { name: new RegExp(`^${algorithm}`) }).click({ force: true });
  await onStep('algorithm');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill(name);
  await onStep('name');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: `Generate ${name}` }).click();
  await page.getByRole('heading', { name }).waitFor();
}

describe('a key file', () => {
  test('of one P-256 key in PEM: what it is, its words, and what is left to do', async () => {
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'old-signer.pem');
    await go('import/file');
    await page.getByText('It is only looked at first').waitFor();
    await lookAt('import-file', page);
    await chooseFile('old-signer.pem');
    await page.getByText(firstWords(spkiOfFile('old-signer.pem'))).waitFor();
    await lookAt('import-file-looked', page);
    await takeIn('old-signer');
    await page.getByRole('heading', { name: 'old-signer is in the vault' }).waitFor();
    await page.getByText('rotate it soon', { exact: false }).first().waitFor();
    await lookAt('import-file-done', page);
    expect((await spkiOf('old-signer')).equals(spkiOfFile('old-signer.pem'))).toBe(true);
    await page.getByRole('button', { name: 'To the key' }).click();
    await page.getByText('came out of a file').waitFor();
    await lookAt('key-imported', page);
  });

  test('PKCS#12 with two keys, its password at the prompt: each is chosen by its words, and the second needs no second dialog', async () => {
    const names = ['first', 'second'];
    for (const name of names) openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`, '-days', '30');
    makeTwoKeyPkcs12();
    await go('import/file');
    await chooseFile('both.p12');
    const prompt = await window.prompt();
    await prompt.getByText('Password of the file').first().waitFor();
    await lookAt('prompt-file-password', prompt, promptSize);
    await window.answer({ 'Password of the file': 'wrong' }, 'Read the file');
    await page.getByText('wrong-file-password').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await window.answer({ 'Password of the file': 'zażółć' }, 'Read the file');
    for (const name of names) await page.getByText(firstWords(spkiOfFile(`${name}.key`))).waitFor();
    await lookAt('import-two', page);
    await page.getByText(firstWords(spkiOfFile('second.key'))).click();
    await takeIn('second-here');
    await window.answer({ 'Password of the file': 'zażółć' }, 'Read the file');
    await page.getByRole('heading', { name: 'second-here is in the vault' }).waitFor();
    expect((await spkiOf('second-here')).equals(spkiOfFile('second.key'))).toBe(true);
    await page.getByRole('button', { name: 'Another key of the file' }).click();
    await page.getByText(firstWords(spkiOfFile('first.key'))).click();
    await takeIn('first-here');
    await window.answer({ 'Password of the file': 'zażółć' }, 'Read the file');
    await page.getByRole('heading', { name: 'first-here is in the vault' }).waitFor();
    expect((await spkiOf('first-here')).equals(spkiOfFile('first.key'))).toBe(true);
  });

  test('whose 32 letters are hex digits, and bytes too: both readings are shown with their check values, and neither is guessed', async () => {
    writeFileSync(window.path('key.hex'), '2b7e151628aed2a6abf7158809cf4f3c');
    await go('import/file');
    await chooseFile('key.hex');
    await page.getByText('Its letters are hex digits').waitFor();
    await page.getByText('Its bytes are the key itself').waitFor();
    await lookAt('import-readings', page);
    await page.getByRole('button', { name: /^Import/ }).hover();
    expect(await page.getByText('Choose which key it is').first().isVisible()).toBe(true);
    await page.getByText('Its letters are hex digits').click();
    await page.getByLabel('Purpose').selectOption('key-wrapping'); // whose check value is no secret of GCM
    await takeIn('from-hex');
    await page.getByRole('heading', { name: 'from-hex is in the vault' }).waitFor();
    const { versions } = (await ask('key.show', { key: 'from-hex' })) as { versions: { kcv: { value: string } }[] };
    expect(versions[0]?.kcv.value).toBe(cmacOfZeros('2b7e151628aed2a6abf7158809cf4f3c'));
  });

  test('that is none says what it is, and the file is not taken', async () => {
    writeFileSync(window.path('keys.jks'), Buffer.from(`feedfeed00000002${'00'.repeat(60)}`, 'hex'));
    await go('import/file');
    await chooseFile('keys.jks');
    await page.getByText('keytool').waitFor(); // the command that makes of it what is read here
    await lookAt('import-file-refused', page);
    expect(await page.getByLabel('Name here').count()).toBe(0);
  });
});

/** The first three bytes of the CMAC of a block of zeros, by openssl. */
function cmacOfZeros(key: string): string {
  writeFileSync(window.path('zeros'), Buffer.alloc(16));
  return openssl('mac', '-cipher', 'AES-128-CBC', '-macopt', `hexkey:${key}`, '-in', 'zeros', 'CMAC').toString().trim().toLowerCase().slice(0, 6);
}

/** By certtool, since openssl makes files of one key alone. */
function makeTwoKeyPkcs12(): void {
  for (const kind of ['key', 'crt']) writeFileSync(window.path(`both.${kind}`), ['first', 'second'].map((name) => readFileSync(window.path(`${name}.${kind}`), 'utf8')).join(''));
  const files = ['--load-privkey', 'both.key', '--load-certificate', 'both.crt', '--outder', '--outfile', 'both.p12'];
  execFileSync('certtool', ['--to-p12', ...files, '--p12-name', 'pair', '--pkcs-cipher', 'aes-256', '--password', 'zażółć'], { cwd: window.folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('a wrapped key', () => {
  test('under RSA-OAEP with a label and another MGF1 hash is taken in with both said', async () => {
    await makeKey('Key transport', 'RSA-2048', 'inbox');
    writeFileSync(window.path('inbox.der'), await spkiOf('inbox'));
    writeFileSync(window.path('raw'), Buffer.alloc(32, 7));
    openssl('pkeyutl', '-encrypt', '-pubin', '-inkey', 'inbox.der', '-keyform', 'DER', '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256', '-pkeyopt', 'rsa_mgf1_md:sha1', '-pkeyopt', `rsa_oaep_label:${Buffer.from('payroll').toString('hex')}`, '-in', 'raw', '-out', 'sent.oaep');
    await go('import/wrapped');
    await lookAt('import-wrapped', page);
    await chooseFile('sent.oaep');
    await page.getByLabel('Opened with').selectOption('inbox');
    await page.getByText('Other parameters of OAEP').click();
    await page.getByLabel('Hash of MGF1').selectOption('sha1');
    await page.getByLabel('Label', { exact: true }).fill('payroll');
    await takeIn('from-bank');
    await page.getByRole('heading', { name: 'from-bank' }).waitFor();
  });

  test('that does not open says one thing whatever is wrong', async () => {
    await go('import/wrapped');
    await chooseFile('sent.oaep');
    await takeIn('not-opened');
    await page.getByText('unwrap-failed').waitFor();
    await page.getByText('Why it does not open is not told apart').waitFor();
  });
});

describe('a private key', () => {
  test('leaves under a wrapping key as PKCS#8, with a warning and without the form that does not take it, and comes back the same', async () => {
    await makeKey('Signature', 'Ed25519', 'travels', (step) => (step === 'name' ? page.getByLabel('Let it be wrapped out of its place').check() : Promise.resolve()));
    await go('distribute/travels');
    await page.getByText('Under from-hex').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('The private key itself leaves').waitFor();
    await page.getByText('a private key has any: choose AES-KWP').waitFor();
    await lookAt('distribute-private', page);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Wrap travels' }).click();
    await window.choose(window.path('travels.kwp'));
    await window.approve('travels');
    await page.getByRole('heading', { name: 'travels was handed over' }).waitFor();
    await go('import/wrapped');
    await chooseFile('travels.kwp');
    await page.getByLabel('Opened with').selectOption('from-hex');
    await page.getByLabel('Purpose').selectOption('signature');
    await page.getByLabel('Algorithm').selectOption('ed25519');
    await takeIn('came-back');
    await page.getByRole('heading', { name: 'came-back' }).waitFor();
    expect((await spkiOf('came-back')).equals(await spkiOf('travels'))).toBe(true);
  });
});

describe('a purpose', () => {
  test('comes before the algorithm, whose recommended one stands first; a key of each kind is made', async () => {
    await go('generate');
    await page.getByText('What is this key for?').waitFor();
    await lookAt('generate', page);
    for (const [purpose, algorithm, name] of [['Signature', 'ML-DSA-65', 'pq-signer'], ['Key agreement', 'X25519', 'agree'], ['Message authentication', 'HMAC-SHA-256', 'codes'], ['Key derivation', 'HMAC-SHA-256', 'root']] as const) {
      await makeKey(purpose, algorithm, name, (step) => (purpose === 'Signature' ? lookAt(`generate-${step}`, page) : Promise.resolve()));
      expect(await page.getByText(algorithm, { exact: true }).first().isVisible()).toBe(true);
    }
  }, 60_000);
});

test('nothing was complained of: no script error, no violation of the policy of the pages', () => {
  expect(window.complaints).toEqual([]);
});
