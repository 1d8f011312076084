/** Everything of a window host that is not the window: the core in its thread, the prompt desk, files, settings, calls, and the locks that come by themselves. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { sealForms } from '../../../shared/ipc/promptContract.ts';
import type { Seal } from '../../../shared/ipc/promptContract.ts';
import type { HostState, WindowEvent } from '../../../shared/ipc/windowContract.ts';
import { fileUses } from '../../../shared/ipc/windowContract.ts';
import { randomWords, runInWorker } from '../../vault/index.ts';
import type { ChildLauncher, KnownModule, WorkerCore, WorkerPorts } from '../../vault/index.ts';
import { attestationIssuers } from '../attestationIssuers.ts';
import { FileDesk, pathFault, typedPath, withEnding } from './fileDesk.ts';
import type { FileChooser } from './fileDesk.ts';
import { PromptDesk } from './promptDesk.ts';
import type { PromptOpener } from './promptDesk.ts';
import type { SettingsFile } from './settingsFile.ts';
import { TokenWatcher } from './tokenWatcher.ts';
import { WindowRouter } from './windowRouter.ts';

export interface WindowHostOptions {
  readonly about: Pick<HostState, 'host' | 'evaluation' | 'version'>;
  readonly launcher: ChildLauncher;
  readonly knownModules: readonly KnownModule[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly settings: SettingsFile;
  /** Where the core remembers how far the log of each vault had come. */
  readonly anchorsPath: string;
  readonly opener: PromptOpener;
  readonly emit: (event: WindowEvent) => void;
  /** The folder that files are first looked for in. */
  readonly folder: string;
  /** A host without the system's dialogs leaves it out: paths are typed into the prompt. */
  readonly chooser?: FileChooser;
  /** The worker's program, where a build has put it elsewhere. */
  readonly worker?: URL;
  /** Milliseconds; for tests. */
  readonly deafFor?: number;
  readonly timeLimits?: WorkerPorts['timeLimits'];
}

export interface WindowHost {
  /** A vault for the gate to begin with: it was opened from outside the window. */
  remember(path: string): void;
  readonly router: WindowRouter;
  readonly core: WorkerCore;
  close(): Promise<void>;
}

/** A path typed into the trusted prompt, with names offered that go on from it. */
function typedChooser(desk: PromptDesk): FileChooser {
  return {
    choose: async (use, start) => {
      const { access, sentence, verb } = fileUses[use];
      const pathOf = (typed = '') => withEnding(typedPath(typed, homedir()), use);
      const given = await desk.ask({ kind: 'file', access, sentence, verb, start }, ({ typed, replace }) => pathFault(pathOf(typed), use, replace === true));
      return { path: pathOf(given.typed), replace: given.replace === true };
    },
  };
}

/** The system's dialogs where the host has them. */
function chooserOf(system: FileChooser | undefined, desk: PromptDesk): FileChooser {
  if (system === undefined) return typedChooser(desk);
  return { choose: (use, start) => desk.elsewhere(() => system.choose(use, start)) };
}

function offers(now: number): readonly Seal[] {
  const chosen = new Date(now).toISOString().slice(0, 10);
  return Array.from({ length: sealForms }, (_, form) => ({ form, phrase: randomWords(3).join(' '), chosen }));
}

async function chooseSeal(desk: PromptDesk, settings: SettingsFile, now: number): Promise<void> {
  const offered = offers(now);
  const { form } = await desk.ask({ kind: 'seal', sentence: 'Choose your seal: you will know the real prompt by it', offers: offered }, (given) => (offered[given.form ?? -1] === undefined ? 'choose one of them' : undefined));
  const seal = offered[form ?? -1];
  if (seal === undefined) throw new StrongroomError('declined', 'no seal was chosen');
  settings.saveSeal(seal);
}

/** How often the clock of idleness is looked at; a longer gap means that the machine slept. Milliseconds. */
const tick = 5000;
const slept = 60_000;

function watchIdle(router: WindowRouter, settings: SettingsFile): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const gap = Date.now() - last;
    last = Date.now();
    const { idleMinutes } = settings.settings;
    if (gap > slept) void router.lock('the machine slept');
    else if (router.idleFor() > idleMinutes * 60_000) void router.lock(`nobody was at the window for ${idleMinutes} min`);
  }, tick);
  timer.unref();
  return () => clearInterval(timer);
}

export function startWindowHost(options: WindowHostOptions): WindowHost {
  const { opener, emit, launcher, knownModules, environment, settings, anchorsPath } = options;
  let asking = false;
  const told = (open: boolean) => {
    asking = open;
    emit({ kind: 'prompt', open });
  };
  const desk = new PromptDesk({ opener, seal: () => settings.seal, onChange: told, ...(options.deafFor === undefined ? {} : { deafFor: options.deafFor }) });
  const core = runInWorker({ prompt: desk, launcher, host: { environment, home: homedir(), knownModules, attestationIssuers: attestationIssuers(), anchorsPath }, ...(options.worker === undefined ? {} : { program: options.worker }), ...(options.timeLimits === undefined ? {} : { timeLimits: options.timeLimits }) });
  const files = new FileDesk(core, chooserOf(options.chooser, desk), options.folder);
  const tokens = new TokenWatcher(core, emit);
  const router = new WindowRouter({
    core,
    files,
    settings,
    about: options.about,
    modulePaths: new Set(knownModules.flatMap(({ paths }) => paths[process.platform] ?? [])),
    isThere: existsSync,
    chooseSeal: () => chooseSeal(desk, settings, Date.now()),
    emit,
    onTokens: () => tokens.start(),
    onLock: () => {
      desk.dismiss();
      tokens.stop();
    },
    now: Date.now,
    isAsking: () => asking,
  });
  const stopWatching = watchIdle(router, settings);
  core.onGone(() => {
    desk.dismiss();
    tokens.stop();
    emit({ kind: 'core-gone' });
  });
  return {
    router,
    core,
    remember: (path) => {
      settings.remember(path, Date.now());
      emit({ kind: 'recent' });
    },
    close: async () => {
      stopWatching();
      tokens.stop();
      desk.dismiss();
      await core.close();
    },
  };
}
