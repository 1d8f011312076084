/** Holds files of code against the table of zones: what they import, what they start, and what they use of the platform. */
import { posix } from 'node:path';
import type { Import } from './imports.ts';
import { importsOf } from './imports.ts';
import type { SourceFile, SyntaxNode } from './sourceTree.ts';
import { lineOf, nodesOf, stringOf } from './sourceTree.ts';
import type { Zone } from './zones.ts';
import { computedImports, guardedBuiltins, guardedNames, zones } from './zones.ts';

/** Whether a path of the table holds a file: a folder, the files of a folder (`a/*`), one file, or all (``). */
function holds(pattern: string, file: string): boolean {
  if (pattern.endsWith('/*')) return posix.dirname(file) === pattern.slice(0, -2);
  return pattern === '' || file === pattern || file.startsWith(`${pattern}/`);
}

/** The zone with the longest path that holds the file. */
export function zoneOf(file: string): Zone | undefined {
  return zones.filter(({ path }) => holds(path, file)).toSorted((a, b) => b.path.length - a.path.length)[0];
}

/** The package of `a/deep/path` and `@scope/a/deep/path`. */
export function packageOf(target: string): string {
  return target.split('/').slice(0, target.startsWith('@') ? 2 : 1).join('/');
}

function mayUsePackage({ packages }: Zone, name: string): boolean {
  return packages.some((allowed) => allowed === '*' || allowed === name || (allowed.endsWith('/*') && name.startsWith(allowed.slice(0, -1))));
}

function mayUseBuiltin({ builtins }: Zone, name: string): boolean {
  if (builtins.includes('*') || builtins.includes(name)) return true;
  return builtins.includes('node:*') && name.startsWith('node:') && !guardedBuiltins.some(({ names }) => names.includes(name));
}

/** A file of the project that an import names, relative to the project; undefined for packages and builtins. */
export function importedFile(file: string, target: string): string | undefined {
  if (!target.startsWith('.')) return undefined;
  const path = posix.normalize(posix.join(posix.dirname(file), target)).replace(/\/$/, '');
  return path === '.' ? '' : path;
}

function mayImportFile(zone: Zone, kind: Import['kind'], path: string): boolean {
  if (path.startsWith('..')) return false;
  const allowed = [...zone.imports, ...(kind === 'type' ? (zone.types ?? []) : []), ...(kind === 'place' ? (zone.locates ?? []) : [])];
  return zoneOf(path) === zone || allowed.some((pattern) => holds(pattern, path));
}

/** What is wrong with one import, or undefined. */
function faultOf(file: string, zone: Zone, { kind, target }: Import): string | undefined {
  if (kind === 'all') return '`export *` hides what a file gives out';
  if (target === undefined) return zone.path === 'test' || computedImports.some((known) => known.file === file) ? undefined : 'a computed import cannot be checked';
  const path = importedFile(file, target);
  if (path !== undefined) {
    if (path.startsWith('..') && zone.path === 'test' && kind === 'place') return undefined; // vectors beside the project
    return mayImportFile(zone, kind, path) ? undefined : `"${zone.path}" may not import "${path}"`;
  }
  if (target.startsWith('node:') || zone.builtins.includes(target)) return mayUseBuiltin(zone, target) ? undefined : `"${zone.path}" may not import "${target}"`;
  return mayUsePackage(zone, packageOf(target)) ? undefined : `"${zone.path}" may not import the package "${packageOf(target)}"`;
}

/** The platform's name that a node uses: `fetch`, `x.subtle`, `globalThis['crypto']`. */
function usedName(node: SyntaxNode): string | undefined {
  if (node.type === 'Identifier') return String(node['name']);
  return node.type === 'MemberExpression' && node['computed'] === true ? stringOf(node['property']) : undefined;
}

function guardedNamesIn(file: SourceFile, zone: Zone): readonly string[] {
  const guarded = guardedNames.filter(({ zones: allowed }) => !allowed.includes(zone.path));
  return [...nodesOf(file.program)].flatMap((node) => {
    const name = usedName(node);
    const rule = guarded.find(({ names }) => name !== undefined && names.includes(name));
    return rule === undefined ? [] : [`${file.path}:${lineOf(file, node)}: "${zone.path}" may not use "${name}": ${rule.why}`];
  });
}

/** Every violation of the table in one file, with its line. */
export function zoneFaults(file: SourceFile): readonly string[] {
  const zone = zoneOf(file.path);
  if (zone === undefined) return [`${file.path}: is in no zone; add one to electron/build/zones.ts`];
  const imports = importsOf(file).flatMap((found) => {
    const fault = faultOf(file.path, zone, found);
    return fault === undefined ? [] : [`${file.path}:${found.line}: ${fault}`];
  });
  return [...imports, ...guardedNamesIn(file, zone)];
}
