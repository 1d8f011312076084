/** Starts the built application with the stand-in in Electron's place, makes a vault through its IPC, and prints what came of it as JSON. */
import { mkdtempSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const standIn = new URL('../fixtures/electronStandIn.ts', import.meta.url).href;
registerHooks({ resolve: (specifier, context, next) => (specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context)) });

const folder = mkdtempSync(join(tmpdir(), 'strongroom-built-'));
process.env['XDG_CONFIG_HOME'] = folder;
process.env['XDG_STATE_HOME'] = folder;
const { answers, BrowserWindow, invokeFrom, wasCalled, app } = (await import('../fixtures/electronStandIn.ts')) as typeof import('../fixtures/electronStandIn.ts');
await import(pathToFileURL(join(import.meta.dirname, '../../out/main/main.js')).href);

async function until<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come');
}

type Answer = { value: Record<string, unknown> };
const window = await until(() => BrowserWindow.all.find(({ webContents }) => webContents.mainFrame.url === 'strongroom://window/'));
const call = async (method: string, request: unknown) => JSON.parse(String(await invokeFrom(window.webContents, 'strongroom:window', ['call', method, JSON.stringify(request), method]))) as Answer;
answers.save = join(folder, 'keys.strongroom');
const { grant } = (await call('host.chooseFile', { use: 'new-vault' })).value;
const making = call('vault.create', { file: grant, person: 'Ada', unlockCost: 'minimum' });
const prompt = await until(() => BrowserWindow.all.find((other) => other !== window && other.webContents.mainFrame.url !== ''));
const sitting = (await invokeFrom(prompt.webContents, 'strongroom:prompt', ['sitting'])) as { id: string };
await new Promise((resolve) => setTimeout(resolve, 800));
await invokeFrom(prompt.webContents, 'strongroom:prompt', ['answer', { sitting: sitting.id, kind: 'given', secret: Array.from(new TextEncoder().encode('correct horse battery')) }]);
const made = await making;
process.stdout.write(`${JSON.stringify({ made, sandboxed: wasCalled('app.enableSandbox'), single: wasCalled('app.requestSingleInstanceLock') })}\n`);
app.emit('before-quit');
rmSync(folder, { recursive: true });
setTimeout(() => process.exit(0), 500);
