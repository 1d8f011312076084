/** The process of a module has no open descriptor but its own and its channel, whatever the program that started Strongroom had left open. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testLauncher } from '../fixtures/openModules.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-descriptors-'));
  writeFileSync(join(folder, 'document'), 'private');
});
afterAll(() => rmSync(folder, { recursive: true }));

const program = join(import.meta.dirname, '../fixtures/moduleStarter.ts');

/** A starter whose shell left a file, a pipe and a low descriptor open. */
async function startLeaky(kind: string): Promise<ChildProcess> {
  const script = `exec 9<"$1" 57<"$1" 201> >(cat > /dev/null); exec "$2" "$3" ${kind}`;
  const starter = spawn('bash', ['-c', script, 'bash', join(folder, 'document'), process.execPath, program], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (starter.stdout !== null) await once(starter.stdout, 'data');
  return starter;
}

function parentOf(pid: string): string {
  try {
    return /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  } catch {
    return ''; // it ended meanwhile
  }
}

function childrenOf(pid: string): readonly string[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return children.flatMap((child) => [child, ...childrenOf(child)]);
}

/** Every open descriptor of the module's process, by what it leads to. */
function descriptorsOf(starter: ChildProcess): readonly string[] {
  const isHost = (pid: string) => /pkcs11-host\/main\.ts\0$/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8')) && readlinkSync(`/proc/${pid}/exe`) === readlinkSync('/proc/self/exe');
  const [host] = childrenOf(String(starter.pid)).filter(isHost);
  const path = `/proc/${host}/fd`;
  return readdirSync(path).map((name) => readlinkSync(join(path, name)));
}

/** Both ends of a pipe of its own lie in one process. */
function foreign(links: readonly string[]): readonly string[] {
  const own = (link: string) => link === '/dev/null' || link.startsWith('anon_inode:') || (link.startsWith('pipe:') && links.filter((other) => other === link).length === 2);
  return links.filter((link) => !own(link));
}

test.each([testLauncher().isolation.kind, 'process'])('%s: one socket, which is the channel, and nothing that was left open', async (kind) => {
  const starter = await startLeaky(kind);
  const links = descriptorsOf(starter);
  const ended = once(starter, 'exit');
  starter.stdin?.end();
  await ended;
  expect(links.length).toBeGreaterThan(4);
  expect(foreign(links)).toEqual([expect.stringMatching(/^socket:/)]);
});

test('positive control: a program that closes nothing has what was left open', async () => {
  const script = `exec 57<"$1"; exec "$2" -e 'console.log(fs.readlinkSync("/proc/self/fd/57"))'`;
  const plain = spawn('bash', ['-c', script, 'bash', join(folder, 'document'), process.execPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(plain.stdout, 'data')) as [Buffer];
  expect(said.toString().trim()).toBe(join(folder, 'document'));
});
