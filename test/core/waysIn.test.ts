/** Other ways into a vault: the recovery sheet and what comes of it, a new epoch on suspicion, the identity file. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeQR } from 'qr/decode.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const cli = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));

let t: TestCore;

beforeEach(async () => {
  t = makeTestCore();
  await t.create();
  await t.call('key.generate', { name: 'files', purpose: 'data-encryption', algorithm: 'aes-256' });
  writeFileSync(t.path('plain'), 'what is kept');
  await t.call('key.encrypt', { key: 'files', in: t.read('plain'), out: t.write('plain.sr') });
});
afterEach(() => t.close());

/** The words as the page has them, in its list. */
function wordsOn(name: string): string {
  return [...readFileSync(t.path(name), 'utf8').matchAll(/<li>(\w+)<\/li>/g)].map(([, word]) => word).join(' ');
}

async function makeSheet(name = 'sheet.html'): Promise<string> {
  t.answers.words = () => wordsOn(name);
  await t.call('vault.recoverySheet', { out: t.write(name) });
  return wordsOn(name);
}

async function requireKey(): Promise<void> {
  await t.call('key.decrypt', { in: t.read('plain.sr'), out: t.files.write(t.path('again'), true) });
  expect(readFileSync(t.path('again'), 'utf8')).toBe('what is kept');
  await t.call('vault.check', {});
}

describe('the recovery sheet', () => {
  test('opens the vault when the passphrase is lost: a new passphrase, a new epoch, and the keys that copies hold are named', async () => {
    const words = await makeSheet();
    expect(words.split(' ')).toHaveLength(22);
    await t.call('vault.lock', {});
    t.answers.newPassphrase = 'a wholly other passphrase';
    t.answers.words = () => words.toUpperCase().replaceAll(' ', ',\n');
    const { vault, rotate } = await t.call('vault.recover', { file: t.files.read(t.vaultPath), unlockCost: 'minimum' });
    expect(vault).toMatchObject({ epoch: 2, principal: { name: 'Ada Officer' } });
    expect(rotate).toEqual([{ key: 'files', version: 1, state: 'active' }]);
    await requireKey();
    await t.call('vault.lock', {});
    expect((await t.core.call('vault.unlock', { file: t.files.read(t.vaultPath) }))).toMatchObject({ ok: false, error: { code: 'wrong-passphrase' } });
    t.answers.passphrase = 'a wholly other passphrase';
    expect(await t.unlock()).toMatchObject({ epoch: 2 });
    await requireKey();
    await t.call('vault.lock', {});
    expect(await t.refused('vault.recover', { file: t.files.read(t.vaultPath), unlockCost: 'minimum' })).toMatchObject({ code: 'not-found', message: 'this vault has no recovery sheet' });
  });

  test('is a page that stands by itself, whose square says the same words, and that another cannot read', async () => {
    const words = await makeSheet();
    const html = readFileSync(t.path('sheet.html'), 'utf8');
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    expect(execFileSync('stat', ['-c', '%a', t.path('sheet.html')]).toString().trim()).toBe('600');
    expect(scanned(html)).toBe(words.toLowerCase());
  });

  test('counts only once its words were typed back; else nothing of it is left', async () => {
    for (const typed of ['', 'aardvark '.repeat(22), () => wordsOn('sheet.html').split(' ').with(3, 'zulu').join(' ')]) {
      t.answers.words = typeof typed === 'string' ? () => typed : typed;
      expect(await t.refused('vault.recoverySheet', { out: t.write('sheet.html') })).toMatchObject({ code: 'wrong-passphrase' });
      expect(existsSync(t.path('sheet.html'))).toBe(false);
    }
    const other = await makeSheet('other.html');
    t.answers.words = () => other;
    expect(await t.refused('vault.recoverySheet', { out: t.write('sheet.html') })).toMatchObject({ code: 'confirmation-wrong' });
    expect(existsSync(t.path('sheet.html'))).toBe(false);
    expect((await t.call('vault.ways', {})).ways.map(({ mode }) => mode).toSorted()).toEqual(['passphrase', 'recovery']);
  });

  test('is not made without the passphrase, and the words are in no answer, error or log', async () => {
    t.answers.passphrase = 'not the passphrase';
    expect(await t.refused('vault.recoverySheet', { out: t.write('sheet.html') })).toMatchObject({ code: 'wrong-passphrase' });
    t.answers.passphrase = 'correct horse battery';
    const words = await makeSheet();
    const said = JSON.stringify([await t.call('audit.list', { limit: 1000 }), await t.call('vault.info', {}), await t.call('vault.ways', {})]).toLowerCase();
    const pairs = words.toLowerCase().split(' ').slice(1).map((word, index) => `${words.toLowerCase().split(' ')[index]} ${word}`);
    expect(pairs.filter((pair) => said.includes(pair))).toEqual([]);
  });

  test('says which word is none, and never the word', async () => {
    const words = (await makeSheet()).split(' ');
    await t.call('vault.lock', {});
    const refused = async (typed: readonly string[]) => {
      t.answers.words = () => typed.join(' ');
      return (await t.refused('vault.recover', { file: t.files.read(t.vaultPath), unlockCost: 'minimum' })).message;
    };
    expect(await refused(words.with(4, 'sesquipedalian'))).toBe("the words of the recovery sheet expected a word of the sheet's list at place 5, got another");
    expect(await refused(words.slice(1))).toContain('expected 22 words, got 21');
    expect(await refused([...words.slice(0, 2), words[3] ?? '', words[2] ?? '', ...words.slice(4)])).toContain('at place 3');
    expect(await refused(words.with(0, words[0] === 'acme' ? 'adult' : 'acme'))).toContain('checksum');
  });

  test('a new sheet makes the old one worthless, and a way that is removed opens no more', async () => {
    const first = await makeSheet('first.html');
    await makeSheet('second.html');
    const { ways } = await t.call('vault.ways', {});
    const sheet = ways.find(({ mode }) => mode === 'recovery');
    t.answers.words = () => first;
    await t.call('vault.lock', {});
    expect(await t.refused('vault.recover', { file: t.files.read(t.vaultPath), unlockCost: 'minimum' })).toMatchObject({ code: 'wrong-passphrase' });
    await t.unlock();
    await t.call('vault.removeWay', { way: sheet?.id ?? '' });
    expect(await t.refused('vault.removeWay', { way: ways.find(({ open }) => open)?.id ?? '' })).toMatchObject({ code: 'refused' });
    expect((await t.call('vault.ways', {})).ways).toHaveLength(1);
  });
});

describe('a new epoch on suspicion', () => {
  test('seals everything anew under a new passphrase, and the log verifies with the genesis of before', async () => {
    const { genesisFingerprint } = await t.call('vault.info', {});
    await makeSheet();
    t.answers.newPassphrase = 'a wholly other passphrase';
    expect(await t.call('vault.renew', { unlockCost: 'minimum' })).toMatchObject({ epoch: 2, rotate: [{ key: 'files', version: 1 }], waysRemoved: 1 });
    t.answers.passphrase = 'a wholly other passphrase';
    await requireKey();
    await t.call('key.rotate', { key: 'files' });
    await t.call('audit.export', { out: t.write('log.jsonl') });
    expect(await t.call('audit.verify', { log: t.read('log.jsonl'), genesis: genesisFingerprint })).toMatchObject({ genesisFingerprint });
    await t.call('vault.lock', {});
    await t.unlock();
    await requireKey();
  });
});

describe('the identity file', () => {
  test('opens the vault by the passphrase that it had, after another was set', async () => {
    await t.call('identity.export', { out: t.write('ada.strongroom-id') });
    t.answers.newPassphrase = 'a wholly other passphrase';
    await t.call('vault.passwd', { unlockCost: 'minimum' });
    t.answers.identity = 'correct horse battery';
    expect(await t.refused('identity.import', { identity: t.read('ada.strongroom-id') }), 'what opened the vault is asked for too').toMatchObject({ code: 'wrong-passphrase' });
    t.answers.passphrase = 'a wholly other passphrase';
    await t.call('identity.import', { identity: t.read('ada.strongroom-id') });
    t.answers.passphrase = 'correct horse battery';
    await t.call('vault.lock', {});
    await t.unlock();
    await requireKey();
  });

  test('damaged in the part that approves, it is refused: a way in that cannot approve is none', async () => {
    await t.call('identity.export', { out: t.write('id') });
    const bytes = readFileSync(t.path('id'));
    const at = bytes.indexOf('approval') + 40; // in the sealed approval key
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(t.path('damaged'), bytes);
    expect(['vault-tampered', 'input-malformed']).toContain((await t.refused('identity.import', { identity: t.read('damaged') })).code);
    await t.call('vault.passwd', { unlockCost: 'minimum' });
  });

  test('of another vault, of an earlier epoch, with another passphrase, or what is none: refused, each with its reason', async () => {
    const refused = () => t.refused('identity.import', { identity: t.read('id') });
    const other = makeTestCore();
    await other.create();
    await other.call('identity.export', { out: other.files.write(t.path('id'), true) });
    await other.close();
    expect(await refused()).toMatchObject({ code: 'refused', message: 'the identity is of another vault' });
    writeFileSync(t.path('id'), 'strongroom/v1/identity\0nonsense');
    expect(await refused()).toMatchObject({ code: 'input-malformed' });
    writeFileSync(t.path('id'), Buffer.alloc(5000));
    expect(await refused()).toMatchObject({ code: 'input-too-large' });
    await t.call('identity.export', { out: t.files.write(t.path('id'), true) });
    t.answers.passphrase = 'not the passphrase';
    expect(await refused()).toMatchObject({ code: 'wrong-passphrase' });
    t.answers.passphrase = 'correct horse battery';
    t.answers.newPassphrase = 'correct horse battery';
    await t.call('vault.renew', { unlockCost: 'minimum' });
    expect(await refused()).toMatchObject({ code: 'refused', message: expect.stringContaining('of an earlier epoch') });
  });
});

test('on the command line: the sheet is made and typed back, and the vault recovered', async () => {
  await t.call('vault.lock', {});
  writeFileSync(t.path('pass'), 'correct horse battery');
  writeFileSync(t.path('new'), 'a wholly other passphrase');
  const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words, '--vault', t.vaultPath, '--json'], { cwd: t.folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: t.folder } });
  // Typed back before it was printed: a file that is not there yet.
  expect(run('vault', 'recovery-sheet', '--out', t.path('sheet.html'), '--passphrase-file', t.path('pass'), '--recovery-words-file', t.path('words')).status).toBe(4);
  const words = await (async () => {
    await t.unlock();
    const made = await makeSheet();
    await t.call('vault.lock', {});
    return made;
  })();
  writeFileSync(t.path('words'), words);
  const { stdout, status } = run('vault', 'recover', '--recovery-words-file', t.path('words'), '--new-passphrase-file', t.path('new'), '--unlock-cost', 'minimum');
  expect([status, JSON.parse(stdout)]).toMatchObject([0, { ok: true, value: { vault: { epoch: 2 } } }]);
  expect(JSON.parse(run('vault', 'ways', '--passphrase-file', t.path('new')).stdout)).toMatchObject({ value: { ways: [{ mode: 'passphrase', open: true }] } });
});

/** What the square of the sheet says: drawn as pixels from its SVG, and read by the decoder. */
function scanned(html: string): string {
  const svg = /<svg[\s\S]*?<\/svg>/.exec(html)?.[0] ?? '';
  const [, width = '0'] = /viewBox="0 0 (\d+) \d+"/.exec(svg) ?? [];
  const size = Number(width);
  const scale = 4;
  const data = new Uint8ClampedArray(size * size * scale * scale * 4).fill(255);
  const dark = (x: number, y: number) => {
    for (let dy = 0; dy < scale; dy += 1) for (let dx = 0; dx < scale; dx += 1) data.fill(0, ((y * scale + dy) * size * scale + x * scale + dx) * 4, ((y * scale + dy) * size * scale + x * scale + dx) * 4 + 3);
  };
  for (const [x, y] of darkModules(svg)) dark(x, y);
  return decodeQR({ width: size * scale, height: size * scale, data });
}

function darkModules(svg: string): readonly (readonly [number, number])[] {
  return [...svg.matchAll(/<rect x="(\d+)" y="(\d+)" width="1" height="1"/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
}
