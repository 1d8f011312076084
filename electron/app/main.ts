/** The application starts here: what must be said before it is ready, one instance, one window. */
import { app } from 'electron';
import { partsBeside, startElectronHost } from './electronHost.ts';
import type { ElectronHost } from './electronHost.ts';
import { guardAllContents } from './guardedContents.ts';
import { registerScheme } from './pages.ts';
import { vaultAmong } from './vaultArgument.ts';

app.enableSandbox(); // SECURITY: every page in the sandbox of the system, whatever its window says (checklist 4)
app.commandLine.appendSwitch('disable-features', 'AutofillServerCommunication,OptimizationHints,MediaRouter');
registerScheme();
guardAllContents();

let host: ElectronHost | undefined;
let waiting = vaultAmong(process.argv, process.cwd());

function open(path: string | undefined): void {
  if (path === undefined) return;
  if (host === undefined) waiting = path;
  else host.openVault(path);
  host?.window.show();
}

async function begin(): Promise<void> {
  await app.whenReady();
  host = await startElectronHost(partsBeside(import.meta.dirname));
  open(waiting);
}

// SECURITY: one instance: a second would ask for the same vault, and for another prompt
if (app.requestSingleInstanceLock()) {
  app.on('second-instance', (_event, words, folder) => open(vaultAmong(words, folder) ?? ''));
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open(path);
  });
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', () => void host?.close());
  void begin();
} else {
  app.quit();
}
