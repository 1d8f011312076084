/** What this computer remembers of a vault: an older copy, one that went its own way, one that was moved, and a memory that is not to be trusted. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { wordsOf } from '../../shared/words/pgpWords.ts';
import { toHex } from '../../electron/vault/crypto/bytes.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import type { Confirmation } from '../../electron/vault/ports/prompt.ts';
import { readAnchors, updateAnchors } from '../../electron/vault/unlock/anchorFile.ts';
import { createVault } from '../../electron/vault/unlock/createVault.ts';
import type { OpenVault } from '../../electron/vault/unlock/openVault.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';

const root = mkdtempSync(join(tmpdir(), 'strongroom-anchors-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let path: string;
let anchorsPath: string;
let now: number;
let runs = 0;
const clock = { now: () => now };
const secret = (text: string) => SecretBytes.own(new TextEncoder().encode(text));
const make = () => createVault({ path, personName: 'Ada', passphrase: secret('correct horse'), cost: 'minimum', clock, anchorsPath });

interface Opening {
  readonly at?: string;
  readonly readOnly?: boolean;
  readonly memory?: string;
  readonly confirm?: (question: Confirmation) => Promise<string>;
}

const unlock = ({ at = path, readOnly = false, memory = anchorsPath, confirm }: Opening = {}) =>
  unlockVault({ path: at, passphrase: () => Promise.resolve(secret('correct horse')), clock, readOnly, anchorsPath: memory, ...(confirm === undefined ? {} : { confirm }) });

/** Opens, commits so many entries besides that of the unlock, and closes. */
async function work(count: number, opening: Opening = {}): Promise<readonly string[]> {
  const { vault, findings } = await unlock(opening);
  commit(vault, count);
  vault.close();
  return findings;
}

function commit(vault: OpenVault, count: number): void {
  for (let done = 0; done < count; done += 1) vault.commit({ kind: 'use', body: { done } });
}

const anchor = () => Object.values(readAnchors(anchorsPath))[0];
const sizes = () => anchor()?.heads.map(({ size }) => size);

beforeEach(() => {
  runs += 1;
  folder = join(root, String(runs));
  mkdirSync(folder);
  path = join(folder, 'v.strongroom');
  anchorsPath = join(folder, 'state/strongroom/anchors.json');
  now = Date.UTC(2026, 5, 1, 12);
});

describe('a vault is remembered', () => {
  test('from its making on: at the unlock, at the lock, and in between when 30 seconds have passed', async () => {
    const made = await make();
    expect(sizes()).toEqual([1]);
    made.close();
    expect(anchor()).toMatchObject({ genesis: toHex(made.genesisFingerprint), path });
    const { vault, findings } = await unlock();
    expect(findings).toEqual([]);
    expect(vault.seenBefore).toBe('the log extends what this computer saw on 2026-06-01 12:00 UTC (1 entry)');
    expect(sizes()).toEqual([1, 2]);
    now += 29_000;
    commit(vault, 1);
    expect(sizes()).toEqual([1, 2]);
    now += 1000;
    commit(vault, 1);
    expect(sizes()).toEqual([1, 2, 4]);
    commit(vault, 2);
    expect(sizes()).toEqual([1, 2, 4]);
    vault.close();
    expect(sizes()).toEqual([1, 2, 4, 6]);
    expect(anchor()?.heads.at(-1)?.at).toBe(now);
  });

  test('through a new epoch: its log extends the old one, and the file of before it is an older copy', async () => {
    (await make()).close();
    copyFileSync(path, `${path}.before`);
    const { vault } = await unlock();
    now += 30_000;
    await vault.renew(secret('correct horse'), { act: 'vault.renew', passphrase: secret('correct horse'), cost: 'minimum' });
    expect(sizes()).toEqual([1, 2, 3]);
    vault.close();
    expect(await work(0)).toEqual([]);
    await expect(unlock({ at: `${path}.before` })).rejects.toMatchObject({ code: 'vault-rolled-back' });
  });

  test('in a file of this user alone, in a folder of his own', async () => {
    (await make()).close();
    expect([statSync(anchorsPath).mode & 0o777, statSync(dirname(anchorsPath)).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readdirSync(dirname(anchorsPath))).toEqual(['anchors.json']);
    expect(readFileSync(anchorsPath, 'utf8')).not.toContain('Ada');
  });

  test('with the newest 32 heads', async () => {
    const made = await make();
    for (let done = 0; done < 40; done += 1) {
      now += 30_000;
      commit(made, 1);
    }
    expect(sizes()).toEqual(Array.from({ length: 32 }, (_, index) => index + 10));
    made.close();
    expect(await work(0)).toEqual([]);
  });

  test('not by an opening that is read-only', async () => {
    (await make()).close();
    const before = readFileSync(anchorsPath, 'utf8');
    const { vault, findings } = await unlock({ readOnly: true });
    expect(vault.seenBefore).toContain('the log extends');
    vault.close();
    expect(findings).toEqual(['opened read-only: this opening leaves no trace in the log']);
    expect(readFileSync(anchorsPath, 'utf8')).toBe(before);
  });

  test('beside others: programs that write at the same time lose nothing of each other', async () => {
    const other = { genesis: 'ab'.repeat(32), path: '/nowhere', heads: [{ size: 1, root: 'cd'.repeat(32), at: 0 }] };
    const script = `import { updateAnchors } from ${JSON.stringify(fileURLToPath(new URL('../../electron/vault/unlock/anchorFile.ts', import.meta.url)))};
      for (let done = 0; done < 25; done += 1) updateAnchors(process.argv[2], (anchors) => ({ ...anchors, [process.argv[1] + String(done).padStart(30, '0')]: ${JSON.stringify(other)} }));`;
    const line = ['aa', 'bb', 'cc'].map((name) => `"${process.execPath}" --input-type=module -e "$SCRIPT" ${name} "${anchorsPath}" &`).join(' ');
    execFileSync('sh', ['-c', `${line} wait`], { env: { ...process.env, SCRIPT: script } });
    expect(Object.keys(readAnchors(anchorsPath))).toHaveLength(75);
  });

  test('where nothing is remembered the unlock says so, and where the vault is new here it shows the words of its genesis', async () => {
    const made = await createVault({ path, personName: 'Ada', passphrase: secret('correct horse'), cost: 'minimum', clock });
    made.close();
    const { vault, findings } = await unlockVault({ path, passphrase: () => Promise.resolve(secret('correct horse')), clock });
    expect(findings).toEqual([expect.stringContaining('an older copy of the whole file could not be told from this one: nothing outside it remembers')]);
    expect([vault.seenBefore, (await vault.check()).findings]).toEqual([undefined, [expect.stringContaining('compare the log root')]]);
    vault.close();
    const words = wordsOf(toHex(made.genesisFingerprint)).slice(0, 12).join(' ');
    expect(await work(0)).toEqual([expect.stringMatching(`this computer has not seen this vault before; compare the words of its genesis with your record: ${words}$`)]);
    expect(await work(0)).toEqual([]);
  });
});

describe('an older copy', () => {
  /** The file as it was 3 entries ago: an unlock and two uses are missing. */
  async function rollBack(): Promise<void> {
    (await make()).close();
    await work(1);
    copyFileSync(path, `${path}.old`);
    now += 3_600_000;
    await work(2);
    copyFileSync(path, `${path}.newer`);
    copyFileSync(`${path}.old`, path);
  }

  test('is refused, with what is missing and since when; the file and the memory stay as they were', async () => {
    await rollBack();
    const [file, memory] = [readFileSync(path), readFileSync(anchorsPath)];
    await expect(unlock()).rejects.toMatchObject({
      code: 'vault-rolled-back',
      message: 'the file is an older copy of the vault: its log has 3 entries, and this computer saw 6 on 2026-06-01 13:00 UTC; the newest 3 entries are missing',
      nextStep: expect.stringContaining('open this one read-only'),
    });
    expect([readFileSync(path).equals(file), readFileSync(anchorsPath).equals(memory)]).toEqual([true, true]);
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-rolled-back' }); // the vault was let go of
  });

  test('opens read-only, and says what it is', async () => {
    await rollBack();
    const { vault, findings } = await unlock({ readOnly: true });
    expect(findings).toContain('the file is an older copy of the vault: its log has 3 entries, and this computer saw 6 on 2026-06-01 13:00 UTC; the newest 3 entries are missing');
    expect([vault.seenBefore, (await vault.check()).findings]).toEqual([undefined, [expect.stringContaining('could not be told')]]);
    vault.close();
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-rolled-back' });
  });

  test.each([
    ['another number', () => Promise.resolve('2')],
    ['nothing', () => Promise.resolve('')],
    ['a refusal', () => Promise.reject(new StrongroomError('declined', 'no'))],
    ['nobody to ask', () => Promise.reject(new StrongroomError('secret-unavailable', 'nobody'))],
  ])('is not used on %s', async (_, confirm) => {
    await rollBack();
    const file = readFileSync(path);
    await expect(unlock({ confirm })).rejects.toMatchObject({ code: 'vault-rolled-back' });
    expect(readFileSync(path).equals(file)).toBe(true);
  });

  test('is the vault from now on once a person typed how many entries are missing: the log has it, and the newer copy is refused', async () => {
    await rollBack();
    const asked: Confirmation[] = [];
    const { vault, findings } = await unlock({ confirm: async (question) => { asked.push(question); return ` ${question.expected}\n`; } });
    expect(asked).toEqual([expect.objectContaining({ why: 'copy', expected: '3', expectedIs: 'the number of missing entries', verb: 'Use this copy', sentence: expect.stringContaining('the newest 3 entries are missing') })]);
    expect(asked[0]?.details.join()).toMatch(/keys that were made.*destroyed.*counted/);
    expect(findings.join()).toContain('the file is an older copy');
    const [entry] = [...vault.log.entries()].slice(-1);
    expect(entry).toMatchObject({ kind: 'anchor', body: { departure: 'rolled-back', missing: 3, seen: 6 } });
    vault.close();
    expect(await work(1)).toEqual([]);
    await expect(unlock({ at: `${path}.newer` })).rejects.toMatchObject({ code: 'vault-forked' });
  });
});

describe('a copy that went its own way', () => {
  /** `here` has been seen with two more entries, `elsewhere` was changed by another computer. */
  async function part(here: number, elsewhere: number): Promise<string> {
    const other = `${path}.other`;
    (await make()).close();
    await work(0);
    copyFileSync(path, other);
    await work(here);
    await work(elsewhere, { at: other, memory: join(folder, 'elsewhere/anchors.json') });
    return other;
  }

  test.each([['as long', 2, 2], ['longer', 2, 7], ['shorter', 2, 1]])('is refused where it is %s', async (_, here, elsewhere) => {
    const other = await part(here, elsewhere);
    renameSync(other, path);
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-forked', message: expect.stringContaining(`agree up to entry 1 at least, then each has entries of its own, and up to ${here + 1} of those seen here are not in this file`), nextStep: expect.stringContaining('never merged') });
    const { vault, findings } = await unlock({ readOnly: true });
    expect(findings.join()).toContain('the file is another copy of the vault');
    vault.close();
  });

  test('goes on once a person says so, and the one that was seen is refused from then on', async () => {
    const other = await part(2, 5);
    renameSync(path, `${path}.seen`);
    renameSync(other, path);
    const { vault } = await unlock({ confirm: (question) => Promise.resolve(question.expected) });
    expect([...vault.log.entries()].at(-1)).toMatchObject({ kind: 'anchor', body: { departure: 'forked', missing: 3 } });
    vault.close();
    expect(sizes()?.slice(0, 2)).toEqual([1, 2]);
    expect(await work(0)).toEqual([]);
    await expect(unlock({ at: `${path}.seen` })).rejects.toMatchObject({ code: 'vault-forked' });
    await work(0, { at: `${path}.seen`, confirm: (question) => Promise.resolve(question.expected) });
    expect((await work(0, { at: `${path}.seen` })).join()).toBe('');
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-forked' });
  });

  test('two copies that are open at once on one computer: the first keeps its place, the second is told and refused the next time', async () => {
    (await make()).close();
    copyFileSync(path, `${path}.other`);
    const { vault: first } = await unlock();
    commit(first, 2);
    const { vault: second } = await unlock({ at: `${path}.other`, readOnly: false, confirm: (question) => Promise.resolve(question.expected) });
    commit(second, 1);
    first.close();
    second.close();
    expect(first.seenBefore).toContain('another copy of this vault was changed');
    await expect(unlock()).rejects.toMatchObject({ code: expect.stringMatching(/^vault-(forked|rolled-back)$/) });
    await work(0, { at: `${path}.other` });
  });

  test('another vault under the same id is refused before a passphrase is asked', async () => {
    (await make()).close();
    updateAnchors(anchorsPath, (anchors) => Object.fromEntries(Object.entries(anchors).map(([vault, known]) => [vault, { ...known, genesis: '00'.repeat(32) }])));
    let asked = 0;
    const passphrase = () => {
      asked += 1;
      return Promise.resolve(secret('correct horse'));
    };
    await expect(unlockVault({ path, passphrase, clock, anchorsPath })).rejects.toMatchObject({ code: 'vault-tampered', message: expect.stringContaining('another genesis') });
    await expect(unlockVault({ path, passphrase, clock, anchorsPath, readOnly: true })).rejects.toMatchObject({ code: 'vault-tampered' });
    expect(asked).toBe(0);
  });
});

describe('a vault in another place', () => {
  let elsewhere: string;
  beforeEach(async () => {
    elsewhere = join(folder, 'usb.strongroom');
    (await make()).close();
  });

  test('that was moved', async () => {
    renameSync(path, elsewhere);
    expect(await work(0, { at: elsewhere })).toEqual([`this vault was last opened at ${path}, on 2026-06-01 12:00 UTC; it was moved here`]);
    expect(await work(0, { at: elsewhere })).toEqual([]);
    expect(anchor()?.path).toBe(elsewhere);
  });

  test('that was copied, with the other still there', async () => {
    copyFileSync(path, elsewhere);
    expect(await work(0, { at: elsewhere })).toEqual([expect.stringContaining('that file is still there: one of the two is a copy, and they part ways with the next change')]);
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-rolled-back' });
  });

  test('that was copied, with the other open, or unreadable', async () => {
    copyFileSync(path, elsewhere);
    const { vault } = await unlock({ memory: join(folder, 'others.json') });
    expect(await work(0, { at: elsewhere, readOnly: true })).toEqual([expect.stringContaining('could not be looked at: if that file is still there'), expect.anything()]);
    vault.close();
    writeFileSync(path, 'something else');
    expect((await work(0, { at: elsewhere })).join()).toContain('could not be looked at');
  });

  test('with another vault in the old one', async () => {
    renameSync(path, elsewhere);
    (await createVault({ path, personName: 'Eve', passphrase: secret('another horse'), cost: 'minimum', clock })).close();
    expect((await work(0, { at: elsewhere })).join()).toContain('there is another vault now');
  });

  test('by another name of the same file: the lock holds', async () => {
    linkSync(path, elsewhere);
    const { vault, findings } = await unlock({ at: elsewhere });
    expect(findings.join()).toContain('another name of this same file');
    const { status, stderr } = spawnSync('sqlite3', [path, 'SELECT count(*) FROM entry'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([expect.any(Number), expect.stringContaining('locked')]);
    vault.close();
    const link = join(folder, 'link.strongroom');
    symlinkSync(elsewhere, link);
    expect(await work(0, { at: link })).toEqual([]);
  });

  test('another file in the same place: put back, or copied over', async () => {
    copyFileSync(path, elsewhere);
    renameSync(elsewhere, path);
    expect(await work(0)).toEqual(['another file stands where this vault was last opened, on 2026-06-01 12:00 UTC: it was put back or copied over']);
    expect(await work(0)).toEqual([]);
  });

  test('another vault in the same place', async () => {
    const words = wordsOf(anchor()?.genesis ?? '').slice(0, 12).join(' ');
    renameSync(path, elsewhere);
    (await createVault({ path, personName: 'Eve', passphrase: secret('correct horse'), cost: 'minimum', clock })).close();
    const findings = await work(0);
    expect(findings.join()).toContain(`another vault was last opened in this place, on 2026-06-01 12:00 UTC: the words of its genesis began ${words}`);
  });
});

describe('a memory that is not to be trusted is said, never believed, and never a reason to fail', () => {
  beforeEach(async () => (await make()).close());
  const whole = () => JSON.parse(readFileSync(anchorsPath, 'utf8')) as { version: number; vaults: Record<string, { heads: { size: number }[] }> };
  const rewrite = (change: (value: ReturnType<typeof whole>) => unknown) => writeFileSync(anchorsPath, JSON.stringify(change(whole())));
  const unproved = (why: string) => expect.stringMatching(`an older copy of the whole file could not be told from this one: what this computer remembers of vaults is in .*anchors.json, and is not trusted: ${why}; compare the words`);

  test.each([
    ['no JSON', () => writeFileSync(anchorsPath, '{"strongroom":"anch'), 'it is damaged'],
    ['empty', () => writeFileSync(anchorsPath, ''), 'it is damaged'],
    ['another form', () => rewrite((value) => ({ ...value, extra: 1 })), 'it is damaged'],
    ['a head that is no head', () => rewrite((value) => ({ ...value, vaults: Object.fromEntries(Object.entries(value.vaults).map(([vault, known]) => [vault, { ...known, heads: [{ size: -1 }] }])) })), 'it is damaged'],
    ['heads out of order', () => rewrite((value) => ({ ...value, vaults: Object.fromEntries(Object.entries(value.vaults).map(([vault, known]) => [vault, { ...known, heads: [...known.heads, ...known.heads] }])) })), 'it is damaged'],
    ['too large', () => writeFileSync(anchorsPath, ' '.repeat(8_000_001)), 'it is too large'],
    ['open to others', () => chmodSync(anchorsPath, 0o666), 'others can write it'],
  ])('%s: put aside, and begun anew', async (_, damage, why) => {
    damage();
    expect(await work(0)).toEqual([unproved(why)]);
    expect(existsSync(`${anchorsPath}.damaged`)).toBe(true);
    expect(await work(0)).toEqual([]);
    expect(statSync(anchorsPath).mode & 0o777).toBe(0o600);
  });

  /** Only root gives a file to another user. */
  const strangers: [string, () => void, string][] = process.getuid?.() === 0 ? [['of another user', () => chownSync(anchorsPath, 12_345, 12_345), 'it belongs to another user']] : [];

  test.each<[string, () => void, string]>([
    ['of a newer version', () => rewrite((value) => ({ ...value, version: 2, news: [] })), 'a newer Strongroom wrote it'],
    ...strangers,
    ['a folder', () => { rmSync(anchorsPath); mkdirSync(anchorsPath); }, 'it is not a file'],
    ['a pipe', () => { rmSync(anchorsPath); execFileSync('mkfifo', [anchorsPath]); }, 'it is not a file'],
  ])('%s: left alone', async (_, damage, why) => {
    damage();
    const before = statSync(anchorsPath).ino;
    expect(await work(0)).toEqual([unproved(why), expect.stringMatching(`could not be noted in .*: ${why}; the next unlock will not tell`)]);
    expect(statSync(anchorsPath).ino).toBe(before);
    expect(readdirSync(dirname(anchorsPath))).toEqual(['anchors.json']);
  });

  test('a place that cannot be written', async () => {
    const blocked = join(path, 'anchors.json'); // beneath a file there is no folder
    expect(await work(1, { memory: blocked })).toEqual([expect.stringContaining('it cannot be read'), expect.stringContaining('it cannot be written')]);
  });

  test('a temporary name that is there: one of a program that was killed is cleared, one of now is waited for, and the vault opens', async () => {
    writeFileSync(`${anchorsPath}.new`, 'left behind');
    utimesSync(`${anchorsPath}.new`, new Date(0), new Date(0));
    expect(await work(0)).toEqual([]);
    writeFileSync(`${anchorsPath}.new`, 'another is at it');
    expect(await work(0)).toEqual([expect.stringContaining('another program is writing it')]);
    expect(readFileSync(`${anchorsPath}.new`, 'utf8')).toBe('another is at it');
  });
});
