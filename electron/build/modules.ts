/** `npm run modules`: runs the provider suite on every PKCS#11 module and writes the page about them anew. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDebianPackages } from './debianPackages.ts';
import { modulesPage } from './modulesPage.ts';
import type { ModuleColumn } from './modulesPage.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'out/modules');
const page = join(root, 'electron/vault/providers/pkcs11/MODULES.md');
const order = ['SoftHSM', 'NSS', 'p11-kit', 'openCryptoki', 'tpm2', 'YKCS11', 'OpenSC'];
const rank = ({ module }: ModuleColumn) => order.findIndex((name) => module.startsWith(name));

function main(): void {
  ensureDebianPackages('test');
  rmSync(folder, { recursive: true, force: true });
  const run = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', '--config', 'electron/build/vitest.config.ts', 'test/contract'], { cwd: root, stdio: 'inherit', env: { ...process.env, STRONGROOM_MODULES: 'write' } });
  if (run.status !== 0) throw new Error('the provider suite failed: the page stays as it is');
  const columns = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ModuleColumn);
  writeFileSync(page, modulesPage(columns.sort((a, b) => rank(a) - rank(b))));
  process.stdout.write(`${page}: ${columns.length} modules\n`);
}

main();
