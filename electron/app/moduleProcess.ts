/** Starts PKCS#11 children in Electron: `utilityProcess`, since `fork` needs the fuse that lets the application run as Node, which is off. */
import { utilityProcess } from 'electron';
import type { ChildExit, ChildLauncher, ChildProcess, LaunchOptions } from '../vault/index.ts';
import { scrubbedEnvironment } from '../host/scrubbedEnvironment.ts';

/** @param program the built `pkcs11-host/main` */
export function makeUtilityLauncher(program: string): ChildLauncher {
  return {
    isolation: { kind: 'process', sentence: 'modules run in a process of their own, with the network and the files of this user' },
    launch: ({ environment }: LaunchOptions): ChildProcess => {
      const child = utilityProcess.fork(program, [], { env: scrubbedEnvironment(environment), stdio: 'ignore', serviceName: 'Strongroom PKCS#11 module', allowLoadingUnsignedLibraries: true });
      let gone = false;
      return {
        send: (frame) => {
          if (!gone) child.postMessage(frame.slice()); // the caller wipes what it gave
        },
        onFrame: (listener) => void child.on('message', (message: unknown) => listener(message instanceof Uint8Array ? message : new Uint8Array(0))),
        onExit: (listener) =>
          void child.on('exit', (code) => {
            if (gone) return;
            gone = true;
            const exit: ChildExit = { code, signal: undefined };
            listener(exit);
          }),
        kill: () => void child.kill(),
      };
    },
  };
}
