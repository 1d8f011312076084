/**
 * Starts PKCS#11 children from plain Node: `child_process.fork` with a scrubbed environment, no core dumps, standard streams closed, and where
 * bubblewrap works without a network and without the home beyond the folders that were let through.
 */
import { fork, spawnSync } from 'node:child_process';
import type { ChildProcess as NodeChild } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import type { ChildLauncher, ChildProcess, Isolation, LaunchOptions } from '../vault/index.ts';
import { scrubbedEnvironment } from './scrubbedEnvironment.ts';

export interface LauncherOptions {
  /** The child program, `pkcs11-host/main`. */
  readonly program: string;
  /** The folder that holds it and all that it imports: let through, read-only. Not the home itself. */
  readonly programFolder: string;
  /** `process`: do without bubblewrap. */
  readonly isolation?: Isolation['kind'];
}

const isolations: Readonly<Record<Isolation['kind'], Isolation>> = {
  bwrap: { kind: 'bwrap', sentence: 'modules run in a process of their own, without a network and without the home folder (bubblewrap)' },
  process: { kind: 'process', sentence: 'modules run in a process of their own, with the network and the files of this user' },
};

/** Whether all of `inner` lies in `outer`. */
function holds(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

/**
 * What can be let through: what is there, outer folders first, or an outer one would cover what was let through inside it.
 * SECURITY: a folder that holds the home is not, or one line of a configuration would bring the whole home back.
 */
function passable(paths: readonly string[], home: string): readonly string[] {
  const real = paths.filter((path) => existsSync(path)).map((path) => realpathSync(path));
  return [...new Set(real)].filter((path) => !holds(path, home)).sort((a, b) => a.split(sep).length - b.split(sep).length);
}

/** The file system as it is, but for an empty home with the named folders in it; devices stay, since tokens are devices. */
function bubblewrap(options: LauncherOptions, launch: Pick<LaunchOptions, 'modulePath' | 'folders'>): readonly string[] {
  const home = realpathSync(homedir());
  // The module's own file too: its folder, where vendors put what it loads, may be the home itself.
  const readable = passable([options.programFolder, dirname(process.execPath), dirname(launch.modulePath), launch.modulePath], home);
  return [
    'bwrap',
    '--die-with-parent',
    '--dev-bind',
    '/',
    '/',
    ...(home === '/' ? [] : ['--tmpfs', home]), // SECURITY: a module reads no documents, keys and passwords of this user
    ...readable.flatMap((path) => ['--ro-bind', path, path]),
    ...passable(launch.folders, home).flatMap((path) => ['--bind', path, path]),
    '--unshare-net', // SECURITY: and takes nothing out over a network
    '--',
  ];
}

/** The command that runs before Node's: no core dump would hold a PIN, and then the sandbox. */
const withoutCoreDumps = ['-c', 'ulimit -c 0; exec "$@"', 'strongroom'];

export function makeChildLauncher(options: LauncherOptions): ChildLauncher {
  const isolation = isolations[options.isolation ?? (bubblewrapWorks(options) ? 'bwrap' : 'process')];
  return {
    isolation,
    launch: (launch) => asChild(start(options, isolation, launch)),
  };
}

/** Tried once with the real arguments: in many containers the program is there and may not do its work. */
function bubblewrapWorks(options: LauncherOptions): boolean {
  if (process.platform !== 'linux') return false;
  const [program = '', ...args] = bubblewrap(options, { modulePath: options.program, folders: [] });
  return spawnSync(program, [...args, process.execPath, '--version'], { stdio: 'ignore', env: scrubbedEnvironment({}) }).status === 0;
}

function start(options: LauncherOptions, isolation: Isolation, launch: LaunchOptions): NodeChild {
  const common = { serialization: 'advanced', env: scrubbedEnvironment(launch.environment), stdio: ['ignore', 'ignore', 'ignore', 'ipc'] } as const;
  if (process.platform === 'win32') return fork(options.program, [], { ...common, stdio: [...common.stdio], execArgv: [] });
  const sandbox = isolation.kind === 'bwrap' ? bubblewrap(options, launch) : [];
  // Node's own arguments stay behind: an inspector or a loader of the parent is none of the child's.
  return fork(options.program, [], { ...common, stdio: [...common.stdio], execPath: '/bin/sh', execArgv: [...withoutCoreDumps, ...sandbox, process.execPath] });
}

function asChild(child: NodeChild): ChildProcess {
  let gone = false;
  return {
    send: (frame) => {
      if (child.connected) child.send(frame, () => undefined); // a child that is gone is reported by its exit
    },
    onFrame: (listener) => child.on('message', (message: unknown) => listener(message instanceof Uint8Array ? message : new Uint8Array(0))),
    onExit: (listener) => {
      const once = (code: number | null, signal: string | null) => {
        if (gone) return;
        gone = true;
        listener({ code: code ?? undefined, signal: signal ?? undefined });
      };
      child.on('exit', once);
      child.on('error', () => once(null, null));
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
