/** A file of 1 GiB: `key encrypt` and `decrypt` against `openssl enc` and `age`. */
import { execFileSync } from 'node:child_process';
import { openSync, closeSync, writeSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { makeTestCore } from '../fixtures/testCore.ts';

type Say = (line: string) => void;
const mebibytes = 1024;

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

export async function fileBench(say: Say): Promise<string> {
  const t = makeTestCore();
  await t.create();
  await t.call('key.generate', { name: 'k', purpose: 'data-encryption', algorithm: 'aes-256' });
  const file = openSync(t.path('big'), 'w');
  const chunk = randomBytes(1 << 20);
  for (let index = 0; index < mebibytes; index += 1) writeSync(file, chunk);
  closeSync(file);
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: t.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  writeFileSync(t.path('pass'), 'a passphrase for openssl');
  const recipient = /age1\S+/.exec(run('sh', '-c', 'age-keygen -o age.key 2>&1').toString())?.[0] ?? '';
  const rows: [string, number][] = [];
  rows.push(['openssl enc -aes-256-ctr', await seconds(() => run('openssl', 'enc', '-aes-256-ctr', '-pbkdf2', '-pass', 'file:pass', '-in', 'big', '-out', 'big.openssl'))]);
  rows.push(['age', await seconds(() => run('age', '-r', recipient, '-o', 'big.age', 'big'))]);
  rows.push(['key encrypt', await seconds(() => t.call('key.encrypt', { key: 'k', in: t.read('big'), out: t.write('big.sr') }))]);
  rows.push(['key decrypt', await seconds(() => t.call('key.decrypt', { in: t.read('big.sr'), out: t.write('big.back') }))]);
  const peer = rows[1]?.[1] ?? 1;
  for (const [name, time] of rows) say(`${name.padEnd(26)} ${time.toFixed(2)} s, ${(mebibytes / time).toFixed(0)} MiB/s, ${(time / peer).toFixed(2)} times age`);
  say('openssl and age do not sync; ours hashes the result, syncs it to the disk and logs it: bound by reading and writing in turn, then by SHA-256');
  await t.core.close();
  return t.folder;
}
