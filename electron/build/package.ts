/** `npm run package`: builds the packages of this platform, with the list of their parts and their hashes; says plainly what it lacks where it cannot finish. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWindow } from './buildWindow.ts';
import { findElectron } from './electronProgram.ts';
import { makeSbom, writeSums } from './packageInput.ts';

const root = join(import.meta.dirname, '../..');
const output = join(root, 'out/packages');

function main(): number {
  buildWindow();
  mkdirSync(output, { recursive: true });
  writeFileSync(join(output, 'strongroom.cdx.json'), makeSbom());
  const { program, why } = findElectron(join(root, 'node_modules/electron'), process.env);
  if (program === undefined) {
    writeSums(output);
    process.stderr.write(`no package was made: ${why}. What was made is in out/packages: the list of parts (strongroom.cdx.json) and SHA256SUMS.\nWhere Electron can be fetched, or ELECTRON_OVERRIDE_DIST_PATH names one, run it again.\n`);
    return 1;
  }
  const { status } = spawnSync(join(root, 'node_modules/.bin/electron-builder'), ['--config', 'electron-builder.yml', '--publish', 'never'], { cwd: root, stdio: 'inherit' });
  writeSums(output);
  process.stdout.write('check what was made, offline: cd out/packages && sha256sum --check SHA256SUMS\n');
  return status ?? 1;
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
