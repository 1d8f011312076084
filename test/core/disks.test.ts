/** Real disks that fail under an open vault: full, pulled in the middle, read-only. The error says what is unchanged, and once the disk is well the vault opens and works. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import { mountSmallDisk, mountStick, whyNoDisk } from '../fixtures/smallDisk.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const here = mkdtempSync(join(tmpdir(), 'strongroom-disks-'));
afterAll(() => rmSync(here, { recursive: true, force: true }));

const noDisk = whyNoDisk(here);
/** Tests on real disks, where they can be had; else it is said that they did not run. */
const disks = noDisk === undefined ? ['on a real disk'] : [];
if (noDisk !== undefined) process.stderr.write(`tests of full and pulled disks did not run: ${noDisk}\n`);

const dataKey = { purpose: 'data-encryption', algorithm: 'aes-256' } as const;
const names = async (t: TestCore) => (await t.call('key.list', {})).keys.map(({ name }) => name);

/** Locks, opens again, and looks at everything. */
async function reopens(t: TestCore): Promise<void> {
  await t.call('vault.lock', {});
  await t.unlock();
  await t.call('vault.check', {});
}

test.each(disks)('%s that is full nothing is changed, and the vault goes on once there is room', async () => {
  const disk = mountSmallDisk(join(here, 'full'));
  const t = makeTestCore({ folder: disk.folder });
  await t.create();
  await t.call('key.generate', { name: 'before', ...dataKey });
  disk.fill(0);
  const made = ['before'];
  let refused: ErrorInfo | undefined;
  for (let number = 1; refused === undefined; number += 1) {
    const answer = await t.core.call('key.generate', { name: `key-${number}`, ...dataKey });
    if (answer.ok) made.push(`key-${number}`); // the file has free pages for some
    else refused = answer.error;
    expect(number).toBeLessThan(500);
  }
  expect(refused).toMatchObject({ code: 'disk-full', message: 'the disk is full or failed; nothing was changed', retryable: true });
  expect((await names(t)).sort()).toEqual(made.sort());
  expect((await t.refused('key.generate', { name: 'never', ...dataKey })).code).toBe('disk-full');
  disk.makeRoom();
  expect((await t.call('vault.reconcile', {})).waiting).toEqual([]);
  await t.call('key.generate', { name: 'after', ...dataKey });
  await reopens(t);
  expect((await names(t)).sort()).toEqual([...made, 'after'].sort());
  await t.close();
  disk.remove();
});

test.each(disks)('%s that is full a locked vault still opens read-only, and opens for writing once there is room', async () => {
  const disk = mountSmallDisk(join(here, 'locked'));
  const t = makeTestCore({ folder: disk.folder });
  await t.create();
  await t.call('vault.lock', {});
  disk.fill(0);
  expect((await t.refused('vault.unlock', { file: t.read('test.strongroom') })).code).toBe('disk-full');
  await t.call('vault.unlock', { file: t.read('test.strongroom'), readOnly: true });
  await t.call('vault.lock', {});
  disk.makeRoom();
  await t.unlock();
  await reopens(t);
  await t.close();
  disk.remove();
});

test.each(disks)('%s that fills in the middle of a result the result goes, and what has no outcome is settled once there is room', async () => {
  const disk = mountSmallDisk(join(here, 'result'));
  const t = makeTestCore({ folder: disk.folder });
  await t.create();
  await t.call('key.generate', { name: 'cipher', ...dataKey });
  const large = join(here, 'large');
  writeFileSync(large, Buffer.alloc(2_000_000));
  const out = () => t.write('large.sr');
  expect((await t.refused('key.encrypt', { key: 'cipher', in: t.files.read(large), out: out() })).code).toBe('disk-full');
  expect(readdirSync(disk.folder).filter((name) => name.startsWith('large') || name.endsWith('.tmp'))).toEqual([]);
  const { interrupted } = await t.call('vault.info', {});
  const { settled, waiting } = await t.call('vault.reconcile', {});
  expect([settled.length, waiting]).toEqual([interrupted, []]);
  expect((await t.call('vault.info', {})).interrupted).toBe(0);
  await reopens(t);
  await t.close();
  disk.remove();
});

test.each(disks)('%s that is pulled nothing that was answered is lost: put back, the vault opens with it', async () => {
  const stick = mountStick(join(here, 'stick'));
  const t = makeTestCore({ folder: stick.folder });
  await t.create();
  await t.call('key.generate', { name: 'before', ...dataKey });
  stick.pull();
  const answer = await t.core.call('key.generate', { name: 'meanwhile', ...dataKey }); // the system may still hold the file
  const expected = answer.ok ? ['before', 'meanwhile'] : ['before'];
  expect((await t.refused('key.encrypt', { key: 'before', in: t.read('plain'), out: t.write('plain.sr') })).code).toBe('file-not-found');
  await t.call('vault.lock', {});
  expect((await t.refused('vault.unlock', { file: t.read('test.strongroom') })).code).toBe('vault-not-found');
  stick.putBack();
  await t.unlock();
  expect((await names(t)).sort()).toEqual(expected);
  await reopens(t);
  await t.close();
  stick.pull();
});

test.each(disks)('%s that is read-only the vault opens read-only, says so before anything is asked, and nothing lies beside it', async () => {
  const stick = mountStick(join(here, 'protected'));
  const t = makeTestCore({ folder: stick.folder });
  await t.create();
  await t.call('vault.lock', {});
  stick.pull();
  stick.putBack('ro');
  const opened = await t.call('vault.unlock', { file: t.read('test.strongroom') });
  expect(opened).toMatchObject({ readOnly: true, findings: expect.arrayContaining([expect.stringContaining('opened read-only')]) });
  expect(t.prompted.at(-1)).toContain('opens read-only');
  expect((await t.refused('key.generate', { name: 'never', ...dataKey })).code).toBe('vault-read-only');
  await t.call('vault.lock', {});
  expect(readdirSync(stick.folder)).toEqual(['test.strongroom']);
  await t.close();
  stick.pull();
});
