/** The application starts here: one instance, one window. */
import { app } from 'electron';
import { partsBeside, startElectronHost } from './electronHost.ts';
import type { ElectronHost } from './electronHost.ts';
import { prepare } from './prelude.ts';
import { vaultAmong } from './vaultArgument.ts';

let host: ElectronHost | undefined;
let waiting = vaultAmong(process.argv, process.cwd());

function open(path: string | undefined): void {
  if (host === undefined) waiting = path ?? waiting;
  else if (path !== undefined) host.openVault(path);
  host?.window.show();
}

async function begin(): Promise<void> {
  await app.whenReady();
  host = await startElectronHost(partsBeside(import.meta.dirname));
  open(waiting);
}

if (prepare(open)) {
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', () => void host?.close());
  void begin();
} else {
  app.quit();
}
