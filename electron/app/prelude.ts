/** What must be said before the application is ready. */
import { app } from 'electron';
import { guardAllContents } from './guardedContents.ts';
import { registerScheme } from './pages.ts';
import { vaultAmong } from './vaultArgument.ts';

/** @param open called with a vault that another start of the application named @returns false where another instance runs already: this one ends */
export function prepare(open: (path: string | undefined) => void): boolean {
  app.enableSandbox(); // SECURITY: every page in the sandbox of the system, whatever its window says (checklist 4)
  registerScheme();
  guardAllContents(); // SECURITY: also a page that nobody foresaw
  // SECURITY: one instance: a second would ask for the same vault, and for another prompt
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', (_event, words, folder) => open(vaultAmong(words, folder)));
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open(path);
  });
  return true;
}
