/** How a host starts the child process of one PKCS#11 module; the core sees frames of bytes only. */
export interface ChildProcess {
  /** Sends one frame. */
  send(frame: Uint8Array): void;
  /** Each frame that comes back. */
  onFrame(listener: (frame: Uint8Array) => void): void;
  /** Called once, when the process is gone; `expected` after `kill`. */
  onExit(listener: (exit: { readonly code: number | undefined; readonly signal: string | undefined }) => void): void;
  kill(): void;
}

export interface ChildLauncher {
  /**
   * Starts a child with a scrubbed environment, no core dumps, its standard output closed.
   * @param readable folders that the module's token lives in, for a sandbox where there is one
   */
  launch(options: { readonly modulePath: string; readonly environment: Readonly<Record<string, string>> }): ChildProcess;
}
