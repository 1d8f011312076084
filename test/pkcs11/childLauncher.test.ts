/** What a module's process can see of this machine, and that what is said of it is true. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeChildLauncher } from '../../electron/host/childLauncher.ts';
import type { ChildExit, ChildLauncher, Isolation } from '../../electron/vault/ports/childLauncher.ts';

interface Seen {
  readonly environment: Readonly<Record<string, string>>;
  readonly arguments: readonly string[];
  readonly pathIsThere: boolean;
  readonly home: readonly string[];
  readonly interfaces: readonly string[];
  /** Soft and hard. */
  readonly coreLimits: readonly string[];
  readonly nullStreams: readonly boolean[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'test/fixtures/isolationProbe.ts');
const launcherOf = (isolation?: Isolation['kind']): ChildLauncher =>
  makeChildLauncher({ program, programFolder: root, ...(isolation === undefined ? {} : { isolation }) });

/** Whether bubblewrap can do its work here, asked without the launcher. */
const bubblewrapWorks = spawnSync('bwrap', ['--dev-bind', '/', '/', '--tmpfs', homedir(), '--unshare-net', 'true']).status === 0;

let secretFolder: string;
let tokenFolder: string;

beforeAll(() => {
  secretFolder = mkdtempSync(join(homedir(), '.strongroom-test-'));
  writeFileSync(join(secretFolder, 'document'), 'private');
  tokenFolder = join(secretFolder, 'token');
  mkdirSync(tokenFolder);
  process.env.STRONGROOM_TEST_SECRET = 'of the parent';
});

afterAll(() => {
  rmSync(secretFolder, { recursive: true });
  delete process.env.STRONGROOM_TEST_SECRET;
});

function look(launcher: ChildLauncher, path: string, folders: readonly string[] = []): Promise<Seen> {
  const child = launcher.launch({ modulePath: program, environment: { SOFTHSM2_CONF: '/etc/softhsm2.conf' }, folders });
  return new Promise((resolve, reject) => {
    child.onFrame((frame) => {
      resolve(JSON.parse(new TextDecoder().decode(frame)) as Seen);
      child.kill();
    });
    child.onExit((exit) => reject(new Error(`the child ended: ${JSON.stringify(exit)}`)));
    child.send(new TextEncoder().encode(path));
  });
}

test('the isolation that is reported is the one that this machine can do', () => {
  const { kind, sentence } = launcherOf().isolation;
  expect(kind).toBe(bubblewrapWorks ? 'bwrap' : 'process');
  expect(sentence).toContain(bubblewrapWorks ? 'without a network and without the home folder' : 'with the network and the files of this user');
});

describe.each(bubblewrapWorks ? (['bwrap', 'process'] as const) : (['process'] as const))('%s', (kind) => {
  test("the environment is scrubbed, and the module's own variables are in it", async () => {
    const { environment, arguments: execArgv } = await look(launcherOf(kind), '/');
    expect(environment).not.toHaveProperty('STRONGROOM_TEST_SECRET');
    expect(environment).toMatchObject({ SOFTHSM2_CONF: '/etc/softhsm2.conf', PATH: '/usr/bin:/bin' });
    const expected = ['HOME', 'LANG', 'PATH', 'PWD', 'SHLVL', 'OLDPWD', '_', 'SOFTHSM2_CONF', 'NODE_CHANNEL_SERIALIZATION_MODE', 'NODE_CHANNEL_FD'];
    expect(Object.keys(environment).filter((name) => !expected.includes(name))).toEqual([]);
    expect(execArgv).toEqual([]);
  });

  test('no core dump would hold a PIN, and the standard streams lead nowhere', async () => {
    const seen = await look(launcherOf(kind), '/');
    expect(seen.coreLimits, 'and the module cannot raise it again').toEqual(['0', '0']);
    expect(seen.nullStreams).toEqual([true, true, true]);
  });

  test('the end of a child is told once, and how it ended', async () => {
    const child = launcherOf(kind).launch({ modulePath: program, environment: {}, folders: [] });
    const exits: ChildExit[] = [];
    await new Promise<void>((resolve) => {
      child.onExit((exit) => {
        exits.push(exit);
        resolve();
      });
      child.kill();
    });
    child.kill();
    child.send(Uint8Array.of(1)); // to nobody, without an error
    expect(exits).toEqual([{ code: undefined, signal: 'SIGKILL' }]);
  });
});

// Where it does not work, nothing of this is claimed, and the first test says so.
if (bubblewrapWorks)
  describe('bubblewrap', () => {
    test('no home beyond the folders that were let through', async () => {
      expect(await look(launcherOf('process'), join(secretFolder, 'document')), 'positive control').toMatchObject({ pathIsThere: true });
      expect(await look(launcherOf('bwrap'), join(secretFolder, 'document'), [tokenFolder])).toMatchObject({ pathIsThere: false });
      expect(await look(launcherOf('bwrap'), tokenFolder, [tokenFolder])).toMatchObject({ pathIsThere: true });
    });

    test('a folder that holds the home does not bring it back', async () => {
      expect(await look(launcherOf('bwrap'), join(secretFolder, 'document'), [homedir(), '/'])).toMatchObject({ pathIsThere: false });
    });

    test('no network', async () => {
      const beyondLoopback = (names: readonly string[]) => names.filter((name) => name !== 'lo');
      const seen = await look(launcherOf('bwrap'), '/');
      expect(beyondLoopback(seen.interfaces)).toEqual([]);
      // Positive control: without it, the child sees what this program sees.
      expect((await look(launcherOf('process'), '/')).interfaces).toEqual(Object.keys(networkInterfaces()));
    });

    test('a folder that does not exist is left out, not fatal', async () => {
      expect(await look(launcherOf('bwrap'), '/', [join(tmpdir(), 'strongroom-absent')])).toMatchObject({ pathIsThere: true });
    });
  });
