/** The cases of tokens as users have them: names, PIN files, labels, empty ids, and what goes along when a key is destroyed; on SoftHSM. */
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { TerminalPrompt } from '../../electron/cli/terminalPrompt.ts';
import { withoutPins } from '../../electron/cli/pinOfUri.ts';
import { spkiOf } from '../../electron/vault/providers/pkcs11/keyDescription.ts';
import { caseFile, caseFolder, casesAreHere, expectedOf } from '../fixtures/cases.ts';
import { makeSoftHsmToken, softHsmModulePath } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

/** A vault that has SoftHSM with the tokens of a configuration. */
async function vaultWith(environment: Readonly<Record<string, string>>, pin: string): Promise<TestCore> {
  const t = makeTestCore({ token: { environment } });
  ending.push(() => t.close());
  t.answers.pin = pin;
  await t.create();
  await t.call('token.add', { module: t.files.read(softHsmModulePath()) });
  return t;
}

test('forms/28-token-names: padding off, bytes kept, found by its URI, a PIN in UTF-8', async () => {
  const token = makeSoftHsmToken('clé de paie; été/7', 'naïve-1234');
  ending.push(token.remove);
  token.pkcs11Tool('--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'x?y&z', '--id', '003b2f', '--usage-sign');
  const t = await vaultWith(token.environment, token.userPin);
  expect((await t.call('token.list', {})).tokens.map(({ label }) => label)).toContain('clé de paie; été/7');
  const uri = casesAreHere ? readFileSync(caseFile('forms/28-token-names', 'uri.txt'), 'utf8').trim() : 'pkcs11:token=cl%C3%A9%20de%20paie%3B%20%C3%A9t%C3%A9%2F7;id=%00%3B%2F;object=x%3Fy%26z';
  expect(await t.call('key.adopt', { key: uri, name: 'pay', purpose: 'signature' })).toMatchObject({ key: { algorithm: 'ec-p256' }, companions: [{ id: '003b2f', label: 'x?y&z' }] });
});

test('labels that end in a blank or hold a tab are found as they are written', async () => {
  const token = makeSoftHsmToken('labels');
  ending.push(token.remove);
  const labels = ['trail ', 'a\tb', 'b\t'];
  for (const [index, label] of labels.entries()) token.pkcs11Tool('--keypairgen', '--key-type', 'EC:prime256v1', '--label', label, '--id', `0${index + 1}`, '--usage-sign');
  const t = await vaultWith(token.environment, token.userPin);
  for (const [index, label] of labels.entries()) {
    const { companions } = await t.call('key.adopt', { key: `pkcs11:token=labels;object=${encodeURIComponent(label)}`, name: `key ${index}`, purpose: 'signature' });
    expect(companions.map(({ id }) => id)).toEqual([`0${index + 1}`]);
  }
});

describe('reports/25-pin-source-newline', () => {
  const folder = casesAreHere ? caseFolder('reports/25-pin-source-newline') : '';
  const named = (uri: string) => withoutPins({ key: uri.replace('{CASE_DIR}', folder) }, {});
  const question = { user: 'user', tokenLabel: 'Case25', tokenSerial: '1', finalTry: false, countLow: false, minLength: 4, maxLength: 32 } as const;
  const pinOf = (uri: string) => {
    const { answers } = named(uri);
    return new TerminalPrompt(answers).pin(question);
  };

  test('one line end is taken off, and nothing else', async () => {
    if (!casesAreHere) return expect(folder).toBe('');
    const expected = expectedOf<Record<string, string>>('reports/25-pin-source-newline');
    for (const uri of [expected.uri, expected.a2_uri]) {
      expect(Buffer.from((await pinOf(uri ?? '')).expose()).toString('hex')).toBe(expected.pin_hex);
      expect(named(uri ?? '').typed.key).toBe('pkcs11:token=Case25;object=k');
    }
    for (const uri of [expected.a3_uri, expected.a4_uri]) await expect(pinOf(uri ?? '')).rejects.toMatchObject({ code: 'secret-unavailable' });
  });

  test('a lone CR belongs to the PIN; CRLF does not', async () => {
    const token = makeSoftHsmToken('x');
    ending.push(token.remove);
    for (const [text, pin] of [['1234\r', '1234\r'], ['1234\r\n', '1234'], ['1234\n\n', '1234\n'], ['1234 ', '1234 ']] as const) {
      const file = join(token.folder, 'pin');
      writeFileSync(file, text);
      for (const source of [`file:${file}`, `file://${file}`, `file://localhost${file}`, file]) expect(Buffer.from((await pinOf(`pkcs11:token=x?pin-source=${source}`)).expose()).toString()).toBe(pin);
    }
  });

  test('a program is not run, a PIN that is given twice is refused, and no PIN is repeated', () => {
    for (const query of ['pin-source=%7Ccat%20/etc/passwd', 'pin-source=|cat', 'pin-source=prog:/bin/cat', 'pin-source=https://example.org/pin', 'pin-source=file://elsewhere/pin', 'pin-source=file:/tmp/pin%00', 'pin-source=file:', 'pin-value=', 'pin-value=74921&pin-source=file:/x', 'pin-value=74921&pin-value=1', 'module-path=/lib/evil.so', 'pin-value=%ff'])
      expect(() => named(`pkcs11:token=x?${query}`), query).toThrow(expect.objectContaining({ code: 'request-invalid', message: expect.not.stringContaining('74921') as string }));
    expect(() => withoutPins({ key: 'pkcs11:token=x?pin-value=74921' }, { pinFile: 'pin.txt' })).toThrow(expect.objectContaining({ code: 'request-invalid' }));
  });

  test('reports/23-uri-percent-encoding: a PIN behind the question mark goes to the prompt and no further', async () => {
    const { typed, answers } = named('pkcs11:token=T;object=k;type=private?pin-value=74921');
    expect(typed).toEqual({ key: 'pkcs11:token=T;object=k;type=private' });
    expect(Buffer.from((await new TerminalPrompt(answers).pin(question)).expose()).toString()).toBe('74921');
    await expect(new TerminalPrompt(answers).pin({ ...question, finalTry: true })).rejects.toMatchObject({ code: 'pin-final-try' });
  });
});

describe('reports/27-label-32-bytes-modulus-zero', () => {
  interface Expected {
    readonly token_labels: readonly { readonly label: string; readonly utf8_bytes: number; readonly result: string }[];
    readonly rsa_objects: readonly { readonly CKA_MODULUS_hex: string; readonly CKA_PUBLIC_EXPONENT_hex: string; readonly bits: number; readonly spki_sha256: string }[];
  }

  test('labels are counted in bytes, and never cut', async () => {
    if (!casesAreHere) return expect(casesAreHere).toBe(false);
    const token = makeSoftHsmToken('first');
    ending.push(token.remove);
    const t = await vaultWith(token.environment, token.userPin);
    for (const [label, said] of [['e\u0301', 'NFC'], ['a\u200fb', 'U+200F'], ['a ', 'space'], ['', 'empty']] as const) expect(await t.refused('token.init', { module: softHsmModulePath(), slot: 0, label })).toMatchObject({ code: 'request-invalid', message: expect.stringContaining(said) });
    for (const { label, result } of expectedOf<Expected>('reports/27-label-32-bytes-modulus-zero').token_labels) {
      const slot = (await t.call('token.list', {})).tokens.find(({ initialized }) => !initialized)?.slot ?? 0;
      const answer = await t.core.call('token.init', { module: softHsmModulePath(), slot, label });
      expect(answer.ok, label).toBe(result.startsWith('accept'));
      if (answer.ok) expect(answer.value.token.label).toBe(label);
      else expect(answer.error.message).toContain(`has ${Buffer.byteLength(label)} bytes of UTF-8, a token takes at most 32`);
    }
  }, 60_000);

  test('a modulus with a leading zero is 2048 bits, and its SPKI is the one', () => {
    if (!casesAreHere) return expect(casesAreHere).toBe(false);
    for (const { CKA_MODULUS_hex, CKA_PUBLIC_EXPONENT_hex, spki_sha256 } of expectedOf<Expected>('reports/27-label-32-bytes-modulus-zero').rsa_objects) {
      const spki = spkiOf({ modulus: Buffer.from(CKA_MODULUS_hex, 'hex'), exponent: Buffer.from(CKA_PUBLIC_EXPONENT_hex, 'hex') });
      expect(sha256(spki ?? new Uint8Array(0))).toBe(spki_sha256);
    }
  });
});

test('reports/37-destroy-leaves-orphans: which key goes, what goes with it, and what a certificate is worth then', async () => {
  if (!casesAreHere) return expect(casesAreHere).toBe(false);
  const folder = caseFolder('reports/37-destroy-leaves-orphans');
  const { spki_sha256: spkis } = expectedOf<{ readonly spki_sha256: Readonly<Record<string, string>> }>('reports/37-destroy-leaves-orphans');
  const config = execFileSync('sh', [join(folder, 'make-token.sh')], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
  ending.push(() => rmSync(dirname(config), { recursive: true, force: true }));
  const t = await vaultWith({ SOFTHSM2_CONF: config }, '375-latte');
  const certificate = readFileSync(join(folder, 'cert1.der'));
  const own = sha256(createPublicKey(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'der' }));
  const before = await t.call('token.info', { token: 'Case37' });
  expect(before.keys.map(({ id, fingerprint }) => `${id} ${fingerprint}`).sort()).toEqual(Object.entries(spkis).map(([name, hash]) => `${/\((\w+)\)/.exec(name)?.[1]} ${hash}`).sort());
  expect(await t.refused('key.adopt', { key: 'payroll', token: 'Case37', name: 'payroll', purpose: 'signature' })).toMatchObject({ code: 'token-ambiguous' });
  const victim = before.keys.find(({ fingerprint }) => fingerprint === own);
  await t.call('key.adopt', { key: victim?.id ?? '', token: 'Case37', name: 'payroll-2025', purpose: 'signature' });
  await t.call('key.destroy', { key: 'payroll-2025', reason: 'the year is over' });
  const details = t.asked.at(-1)?.details.join('\n');
  expect(details).toContain('the public key "payroll" (CKA_ID 0a01) goes with it');
  expect(details).toContain('the certificate "payroll" (CKA_ID 0a01) stays on the token, without its private key');
  await t.call('vault.lock', {});
  await t.unlock();
  const after = await t.call('token.info', { token: 'Case37' });
  expect(after.keys.map(({ fingerprint }) => fingerprint).sort()).toEqual([spkis['key2 (0a02)'], spkis['key3 (0b01)']].sort());
  expect(after.orphans).toEqual([{ label: 'payroll', id: '0a01', fingerprint: own, note: 'private key destroyed' }]);
  expect(await t.refused('key.adopt', { key: '0a01', token: 'Case37', name: 'again', purpose: 'signature' })).toMatchObject({ code: 'token-key-missing' });
  await t.call('key.adopt', { key: '0a02', token: 'Case37', name: 'payroll-2026', purpose: 'signature' });
  await t.call('key.destroy', { key: 'payroll-2026', reason: 'a trial', certificates: true });
  const last = await t.call('token.info', { token: 'Case37' });
  expect(last.keys.map(({ fingerprint }) => fingerprint)).toEqual([spkis['key3 (0b01)']]);
  expect(last.orphans).toHaveLength(1);
});
