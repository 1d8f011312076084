/** The evaluation window: Strongroom in a Chromium of this system. Ends when the window is closed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, managedExtensions } from './findChromium.ts';
import { isRoot } from './launch.ts';

async function main(): Promise<number> {
  const executable = findChromium();
  if (executable === undefined) throw new Error('no Chromium was found on this machine; install one (Debian: apt-get install chromium), or use the command line: npm run cli -- --help');
  const managed = managedExtensions();
  if (managed !== undefined) throw new Error(`this Chromium is managed, and its policy installs extensions, which read what is typed into pages: ${managed}; use the command line: npm run cli -- --help`);
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };
  const { startChromiumHost } = await import('./host.ts');
  if (isRoot) process.stderr.write('strongroom: as root, Chromium has no sandbox; run it as another user for more than a look\n');
  const host = await startChromiumHost({ executable, headless: false, size: { width: 1280, height: 800 }, version });
  await new Promise<void>((resolve) => {
    host.window.onClosed(resolve);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await host.close();
  return 0;
}

// SECURITY: a page that breaks the driver's talk with it makes a promise fail where nobody waits for it; that must not end work that is under way
process.on('unhandledRejection', (reason) => void process.stderr.write(`strongroom: something in the window failed, and was left out (${reason instanceof Error ? reason.name : 'unknown'})\n`));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`strongroom: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
