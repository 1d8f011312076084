/** The `strongroom` command on a Node that is too old, on the right one, and on none: the program runs, or a sentence says what is missing. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodesOf } from '../../electron/build/sourceTree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const launcher = join(root, 'electron/cli/strongroom.cjs');

type Runner = readonly [program: string, ...args: string[]];

let folder: string;
/** A Node older than 24: the machine's own where it has one, else this one that says it is old. */
let older: Runner;
const current: Runner = [process.execPath];

function versionOf(program: string): number {
  return Number(/^v(\d+)/.exec(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout)?.[1]);
}

function olderNode(): Runner {
  const found = (process.env['PATH'] ?? '').split(delimiter).filter((path) => !path.includes('node_modules')).map((path) => join(path, 'node'));
  const old = found.find((program) => existsSync(program) && versionOf(program) < 24);
  if (old !== undefined) return [old];
  const pretence = join(folder, 'pretence.cjs');
  writeFileSync(pretence, `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } }); process.execPath = '/elsewhere/node';`);
  return [process.execPath, '--require', pretence];
}

/** A project of the launcher, the given program, and the project's own Node where asked for. @returns the launcher's path */
function project(name: string, main: string | undefined, withNode: boolean): string {
  const cli = join(folder, name, 'electron/cli');
  mkdirSync(cli, { recursive: true });
  copyFileSync(launcher, join(cli, 'strongroom.cjs'));
  writeFileSync(join(folder, name, 'package.json'), '{ "type": "module" }');
  if (main !== undefined) writeFileSync(join(cli, 'main.ts'), main);
  if (withNode) symlinkSync(join(root, 'node_modules'), join(folder, name, 'node_modules'));
  return join(cli, 'strongroom.cjs');
}

function run([program, ...args]: Runner, script: string, words: readonly string[] = [], input = '') {
  const { status, stdout, stderr } = spawnSync(program, [...args, script, ...words], { encoding: 'utf8', input });
  return { status, stdout, stderr };
}

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'strongroom-launcher-')));
  older = olderNode();
});

afterAll(() => rmSync(folder, { recursive: true }));

const runners: readonly (readonly [string, () => Runner])[] = [['a Node older than 24', () => older], ['Node 24', () => current]];

describe.each(runners)('on %s', (_, runner) => {
  test('the real program helps, and names its exit status', () => {
    expect(run(runner(), launcher, ['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage: strongroom'), stderr: '' });
    expect(run(runner(), launcher, ['no-such-command'])).toMatchObject({ status: 2, stdout: '' });
  });

  test('the program gets words and input, on a Node that can run it, and its status comes back', () => {
    const main = `export const main = async (words: string[]): Promise<number> => {
      let input = '';
      for await (const part of process.stdin) input += part;
      console.log(JSON.stringify([Number(process.versions.node.split('.')[0]) >= 24, words, input]));
      return 6;
    };`;
    const script = existsSync(join(folder, 'echo')) ? join(folder, 'echo/electron/cli/strongroom.cjs') : project('echo', main, true);
    const { status, stdout, stderr } = run(runner(), script, ['key', 'list', '--name', 'a b'], 'typed');
    expect([status, stderr]).toEqual([6, '']);
    expect(JSON.parse(stdout)).toEqual([true, ['key', 'list', '--name', 'a b'], 'typed']);
  });

  test('a program that fails is a sentence and status 70, not a stack', () => {
    const name = `fails-${runner().length}-${versionOf(runner()[0])}`;
    const script = project(name, `export const main = async (): Promise<number> => { throw new Error('the reason'); };`, true);
    expect(run(runner(), script)).toEqual({ status: 70, stdout: '', stderr: 'strongroom: the reason\n' });
  });
});

describe('as a link', () => {
  test('started through the link that npm makes, by its first line', () => {
    const link = join(folder, 'strongroom');
    symlinkSync(launcher, link);
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(older.length === 1 ? older[0] : process.execPath, join(bin, 'node'));
    const { status, stdout } = spawnSync(link, ['--help'], { encoding: 'utf8', env: { PATH: `${bin}${delimiter}/usr/bin${delimiter}/bin` } });
    expect([status, stdout.slice(0, 17)]).toEqual([0, 'Usage: strongroom']);
  });

  test('package.json names it as the command', () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
    expect(join(root, bin['strongroom'] ?? '')).toBe(launcher);
  });
});

describe('what is missing is said', () => {
  test('an old Node and no other: which one is needed, and how to get it', () => {
    const script = project('alone', undefined, false);
    const { status, stdout, stderr } = run(older, script, ['--help']);
    expect([status, stdout]).toEqual([70, '']);
    expect(stderr).toMatch(/^strongroom: needs Node 24 or later, this is \d+\.\d+\.\d+; run `npm ci` in .*alone, which brings one, or install Node 24\n$/);
  });

  test('Node 24, and the rest not installed', () => {
    const script = project('bare', `import 'commander'; export const main = async (): Promise<number> => 0;`, false);
    expect(run(current, script)).toEqual({ status: 70, stdout: '', stderr: `strongroom: is not installed completely; run \`npm ci\` in ${join(folder, 'bare')}\n` });
  });
});

describe('signals on an older Node', () => {
  const ended = (script: string, onReady: (kill: (signal: NodeJS.Signals) => void) => void) =>
    new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      const [program, ...args] = older;
      const child = spawn(program, [...args, script], { stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.once('data', () => onReady((signal) => child.kill(signal)));
      child.on('exit', (code, signal) => resolve({ code, signal }));
    });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s reaches the program, which ends as it likes', async (signal) => {
    const main = `export const main = (): Promise<number> => new Promise((resolve) => {
      const alive = setInterval(() => undefined, 1000);
      process.on('${signal}', () => { clearInterval(alive); resolve(3); });
      console.log('ready');
    });`;
    expect(await ended(project(signal, main, true), (kill) => kill(signal))).toEqual({ code: 3, signal: null });
  });

  test('a program that is killed has the status that a shell gives it', async () => {
    const main = `export const main = (): Promise<number> => { console.log('ready'); process.kill(process.pid, 'SIGKILL'); return new Promise(() => setInterval(() => undefined, 1000)); };`;
    expect(await ended(project('killed', main, true), () => undefined)).toEqual({ code: 137, signal: null });
  });
});

test('it is written in what Node 12 reads: no later syntax, no prefix `node:`', () => {
  const later = ['ChainExpression', 'PrivateIdentifier', 'StaticBlock'];
  const laterThan12 = (source: string) =>
    [...nodesOf(parseSync('strongroom.cjs', source).program)].filter(
      (node) =>
        later.includes(node.type) ||
        (node.type === 'LogicalExpression' && node['operator'] === '??') ||
        (node.type === 'AssignmentExpression' && /^(\?\?|&&|\|\|)=$/.test(String(node['operator']))) ||
        (node.type === 'Literal' && /^node:/.test(String(node['value']))),
    );
  expect(laterThan12(readFileSync(launcher, 'utf8'))).toEqual([]);
  for (const control of ['a?.b', 'a ?? b', 'a ||= b', "require('node:fs')"]) expect(laterThan12(control), control).toHaveLength(1);
});
