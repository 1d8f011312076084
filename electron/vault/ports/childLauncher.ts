/** How a host starts the child process of one PKCS#11 module; the core sees frames of bytes only. */
export interface ChildExit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

export interface ChildProcess {
  /** Sends one frame. It is copied before this returns: the caller may wipe it. */
  send(frame: Uint8Array): void;
  /** Each frame that comes back, as bytes of its own. What is not bytes comes as an empty frame, which no decoder takes. */
  onFrame(listener: (frame: Uint8Array) => void): void;
  /** Called once, when the process is gone or could not be started, also after `kill`. */
  onExit(listener: (exit: ChildExit) => void): void;
  /** At once and for good: the module may be hanging. */
  kill(): void;
}

/** What the child is kept from, so that a window, a command and a log entry can say it. */
export interface Isolation {
  /** `bwrap`: no network, no home beyond the folders that were let through. `process`: an address space of its own and no more. */
  readonly kind: 'bwrap' | 'process';
  /** One sentence for people. */
  readonly sentence: string;
}

export interface LaunchOptions {
  readonly modulePath: string;
  /** The module's own variables; beyond them the child gets a minimal PATH, HOME and LANG. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folders that the module's tokens live in, and files, let through where the home is hidden. */
  readonly folders: readonly string[];
}

export interface ChildLauncher {
  readonly isolation: Isolation;
  /** Starts a child with a scrubbed environment, no core dumps, its standard streams closed. */
  launch(options: LaunchOptions): ChildProcess;
}
