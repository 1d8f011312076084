/** The main journeys in a real Electron, where its program is on this machine; where it is not, one line says that they did not run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import type { ElectronApplication, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { findElectron } from '../../electron/build/electronProgram.ts';

const root = join(import.meta.dirname, '../..');
const { program, why } = findElectron(join(root, 'node_modules/electron'), process.env, () => false);
/** Root has no sandbox in Chromium, and this application has no other way. */
const programs = program === undefined || process.getuid?.() === 0 ? [] : [program];
const passphrase = 'correct horse battery staple';

if (programs.length === 0) process.stderr.write(`the suite of the real Electron did not run: ${program === undefined ? why : 'root has no sandbox'}\n`);

async function promptOf(application: ElectronApplication, main: Page): Promise<Page> {
  const prompt = application.windows().find((page) => page !== main) ?? (await application.waitForEvent('window'));
  await prompt.locator('body:not([inert]) > main').waitFor();
  return prompt;
}

test('where Electron is said to be, there is a reason for whether this suite runs', () => {
  expect(programs.length === 1 || why !== '' || process.getuid?.() === 0).toBe(true);
});

test.each(programs)('a vault, a key, a lock: %s', async (executablePath) => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-real-'));
  const application = await _electron.launch({ executablePath, args: [root], env: { ...(process.env as Record<string, string>), XDG_CONFIG_HOME: folder } });
  try {
    const main = await application.firstWindow();
    await application.evaluate(({ dialog }, path) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path });
    }, join(folder, 'keys.strongroom'));
    await main.getByLabel('Your name').fill('Ada Officer');
    await main.getByRole('button', { name: 'Continue' }).click();
    await main.getByText('No key yet').click();
    await main.getByRole('button', { name: 'Continue' }).click();
    await main.getByRole('button', { name: 'Make the vault' }).click();
    await (await promptOf(application, main)).locator('.tile').first().click();
    const secret = await promptOf(application, main);
    await secret.getByLabel('New passphrase').fill(passphrase);
    await secret.getByLabel('The same again').fill(passphrase);
    await secret.getByRole('button', { name: 'Set passphrase' }).click();
    await main.getByRole('button', { name: 'Later' }).click();
    await main.getByText('The vault is open, and empty').waitFor();
    await main.keyboard.press('Control+l');
    await main.getByRole('button', { name: 'Unlock' }).waitFor();
    expect(await application.evaluate(({ app }) => app.isPackaged)).toBe(false);
  } finally {
    await application.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
