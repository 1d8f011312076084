/** `npm test`: sets up, then types, lint, unused code and every suite; one closing line `N passed, N failed` for the whole. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tally } from './closingLineReporter.ts';
import { buildWindow } from './buildWindow.ts';
import { ensureDebianPackages } from './debianPackages.ts';

const binaries = join(import.meta.dirname, '../../node_modules/.bin');

function run(program: string, argument: readonly string[], environment: NodeJS.ProcessEnv = process.env): boolean {
  process.stdout.write(`\n> ${program} ${argument.join(' ')}\n`);
  return spawnSync(join(binaries, program), argument, { stdio: 'inherit', env: environment }).status === 0;
}

function stage(program: string, ...argument: readonly string[]): Tally {
  return run(program, argument) ? { passed: 1, failed: 0, notRun: 0 } : { passed: 0, failed: 1, notRun: 0 };
}

function suites(): Tally {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-tally-'));
  const file = join(folder, 'tally.json');
  const good = run('vitest', ['run', '--config', 'electron/build/vitest.config.ts'], { ...process.env, STRONGROOM_TALLY: file });
  const tally = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Tally) : { passed: 0, failed: 1, notRun: 0 };
  rmSync(folder, { recursive: true });
  return good || tally.failed > 0 ? tally : { ...tally, failed: 1 };
}

function main(): void {
  ensureDebianPackages('test');
  buildWindow();
  const tallies = [
    stage('tsc', '-b', '--force'),
    stage('biome', 'lint', '--config-path=electron/build/lint.json', '.'),
    stage('knip', '--config', 'electron/build/knip.json', '--no-config-hints'),
    suites(),
  ];
  const sum = (field: keyof Tally) => tallies.reduce((total, tally) => total + tally[field], 0);
  const [passed, failed, notRun] = [sum('passed'), sum('failed'), sum('notRun')];
  if (notRun > 0) process.stdout.write(`\n${notRun} tests need published vectors beside the project and did not run\n`);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

main();
