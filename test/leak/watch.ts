/** Runs a command and keeps everything that a secret could leave by: its output, and the arguments and environment of every process that it starts. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Watched {
  readonly status: number | null;
  readonly output: Buffer;
  /** `cmdline` and `environ` of the process and all below it, as they were seen while it ran. */
  readonly processes: Buffer;
}

function procFile(pid: string, name: string): Buffer {
  try {
    return readFileSync(`/proc/${pid}/${name}`);
  } catch {
    return Buffer.alloc(0); // it is gone, or not ours
  }
}

function parentOf(pid: string): string {
  const stat = procFile(pid, 'stat').toString();
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '';
}

/** The process and all below it. */
function family(root: number): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  const isBelow = (pid: string): boolean => pid === String(root) || (pid !== '' && pid !== '0' && pid !== '1' && isBelow(parents.get(pid) ?? ''));
  return pids.filter(isBelow);
}

export async function watch(program: string, args: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<Watched> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const processes: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const timer = setInterval(() => {
    for (const pid of family(child.pid ?? 0)) processes.push(procFile(pid, 'cmdline'), procFile(pid, 'environ'));
  }, 15);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(timer);
  return { status, output: Buffer.concat(output), processes: Buffer.concat(processes) };
}
