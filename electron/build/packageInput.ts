/** What a package is made from, so that it can be made again and checked: the list of its parts (CycloneDX), and the hashes of its files. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');

interface Component {
  readonly 'bom-ref': string;
  readonly properties?: readonly { readonly name: string }[];
}

interface Sbom {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/** npm marks what only development needs. Its own `--omit dev` leaves out too much: also what ships and is needed for development too. */
function isForDevelopment({ properties = [] }: Component): boolean {
  return properties.some(({ name }) => name === 'cdx:npm:package:development');
}

/** The npm packages that ship, with their hashes, by the lock file: CycloneDX 1.5 as JSON. @throws Error with what npm said */
export function makeSbom(): string {
  const { status, stdout, stderr } = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`npm sbom failed:\n${stderr}`);
  const all = JSON.parse(stdout) as Sbom;
  const gone = new Set(all.components.filter(isForDevelopment).map((component) => component['bom-ref']));
  const components = all.components.filter((component) => !gone.has(component['bom-ref']));
  const dependencies = all.dependencies.filter(({ ref }) => !gone.has(ref)).map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => !gone.has(other)) }));
  return `${JSON.stringify({ ...all, components, dependencies }, undefined, 2)}\n`;
}

/** `SHA256SUMS` of all files below a folder: checked offline with `sha256sum --check SHA256SUMS`. */
export function makeSums(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name !== 'SHA256SUMS' && statSync(join(folder, name)).isFile());
  return files.sort().map((name) => `${createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')}  ${relative('.', name).replaceAll('\\', '/')}\n`).join('');
}

export function writeSums(folder: string): void {
  writeFileSync(join(folder, 'SHA256SUMS'), makeSums(folder));
}
