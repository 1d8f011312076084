/** The trust zones hold: every import of every file against the table, and invented files that break each rule of it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsOf } from '../../electron/build/imports.ts';
import { codeFiles, parseSource, projectFiles, root } from '../../electron/build/sourceTree.ts';
import { importedFile, packageOf, zoneFaults, zoneOf } from '../../electron/build/zoneCheck.ts';
import { zones } from '../../electron/build/zones.ts';

const files = codeFiles();
const byPath = new Map(files.map((file) => [file.path, file]));
const faults = (path: string, source: string) => zoneFaults(parseSource(path, source)).join('\n');

describe('the project', () => {
  test('imports only what its zones may', () => {
    expect(files.flatMap(zoneFaults)).toEqual([]);
  });

  test('was read: every zone of today has files, and the entry of each program is among them', () => {
    const used = new Set(files.map(({ path }) => zoneOf(path)?.path));
    for (const path of ['shared', 'electron/vault', 'electron/vault/crypto', 'electron/pkcs11-wire', 'electron/pkcs11-host', 'electron/cli', 'electron/build', 'test']) expect(used, path).toContain(path);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(900);
    expect(files.flatMap((file) => importsOf(file).filter(({ target }) => target === 'better-sqlite3').map(() => file.path)).filter((path) => !path.startsWith('test/'))).toEqual(['electron/vault/store/database.ts']);
  });

  test('what a file imports is there', () => {
    const there = new Set(projectFiles());
    const gone = files.flatMap(({ path, ...file }) =>
      importsOf({ path, ...file }).flatMap(({ kind, target }) => {
        const imported = kind === 'place' || target === undefined ? undefined : importedFile(path, target);
        return imported === undefined || there.has(imported) ? [] : [`${path}: ${target}`];
      }),
    );
    expect(gone).toEqual([]);
  });

  test('the verifier of an exported log reaches nothing that opens, keeps or makes a vault', () => {
    const reached = new Set<string>();
    const walk = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const { kind, target } of importsOf(byPath.get(path) ?? expect.fail(`${path} is not there`))) {
        const next = kind === 'type' || target === undefined ? undefined : importedFile(path, target);
        if (next !== undefined) walk(next);
      }
    };
    walk('electron/vault/log/verifyExport.ts');
    expect(reached.size).toBeGreaterThan(5);
    expect([...reached].filter((path) => !/^(shared|electron\/vault\/(log|crypto))\/|^electron\/vault\/(quorum\/approval|unlock\/openVault)\.ts$/.test(path))).toEqual([]);
  });

  test('each package is used by the zones that ship, and each that they use is declared', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
    const shipped = files.filter(({ path }) => !/^(test|electron\/build)\//.test(path));
    const used = new Set(shipped.flatMap((file) => importsOf(file).flatMap(({ target }) => (target === undefined || /^(\.|node:)/.test(target) ? [] : [packageOf(target)]))));
    expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
    const allowedElsewhere = new Set([...Object.keys(devDependencies), ...(zones.find(({ path }) => path === 'electron/cli/strongroom.cjs')?.builtins ?? [])]);
    expect([...used].filter((name) => !(name in dependencies) && !allowedElsewhere.has(name))).toEqual([]);
  });

  test('every tsconfig of the project is built, so that an import from a zone that is not referenced does not compile', () => {
    const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { references: { path: string }[] };
    const listed = projectFiles().filter((path) => path.endsWith('/tsconfig.json'));
    expect(references.map(({ path }) => path).sort()).toEqual(listed.map(dirname).sort());
  });
});

describe('an invented file is caught', () => {
  test.each([
    ['newfolder/window.ts', `export {};`, 'is in no zone'],
    ['shared/model/path.ts', `import { join } from 'node:path';`, 'may not import "node:path"'],
    ['shared/model/react.ts', `import React from 'react';`, 'package "react"'],
    ['shared/ipc/deep.ts', `import type { OpenVault } from '../../electron/vault/unlock/openVault.ts';`, 'may not import "electron/vault/unlock/openVault.ts"'],
    ['renderer/keys/KeyTable.tsx', `export const Row = () => <td>{window.x}</td>; import { createCore } from '../../electron/vault/index.ts';`, 'may not import "electron/vault/index.ts"'],
    ['renderer/main.tsx', `import { ipcRenderer } from 'electron';`, 'package "electron"'],
    ['renderer/upload.ts', `await fetch('https://example.org');`, 'may not use "fetch"'],
    ['electron/prompt/page.ts', `import { Modal } from '@mantine/core';`, 'package "@mantine/core"'],
    ['electron/preload/window.ts', `import { readFileSync } from 'node:fs';`, 'may not import "node:fs"'],
    ['electron/app/ipcRouter.ts', `import { unlockVault } from '../vault/unlock/unlockVault.ts';`, 'may not import "electron/vault/unlock/unlockVault.ts"'],
    ['electron/chromium/window.ts', `import { app } from 'electron';`, 'package "electron"'],
    ['electron/cli/deep.ts', `import type { ChildLauncher } from '../vault/ports/childLauncher.ts';`, 'may not import "electron/vault/ports/childLauncher.ts"'],
    ['electron/cli/main.ts', `import { demoSteps } from './demo/demoSteps.ts';`, 'may not import "electron/cli/demo/demoSteps.ts"'],
    ['electron/cli/hash.ts', `import { createHash } from 'node:crypto';`, 'may not import "node:crypto"'],
    ['electron/cli/id.ts', `export const id = crypto.randomUUID();`, 'may not use "crypto"'],
    ['electron/cli/id.ts', `export const id = globalThis['crypto'].randomUUID();`, 'may not use "crypto"'],
    ['electron/vault/services/tokens.ts', `import { openChannel } from '../../pkcs11-host/channel.ts';`, 'may not import "electron/pkcs11-host/channel.ts"'],
    ['electron/vault/services/window.ts', `import { BrowserWindow } from 'electron';`, 'package "electron"'],
    ['electron/vault/services/hash.ts', `const { createHash } = require('node:crypto');`, 'may not import "node:crypto"'],
    ['electron/vault/services/hash.ts', `const c = process.getBuiltinModule('crypto');`, 'package "crypto"'],
    ['electron/vault/services/hash.ts', `const c = await import('node:crypto');`, 'may not import "node:crypto"'],
    ['electron/vault/services/any.ts', `const load = (name: string) => import(name);`, 'computed import'],
    ['electron/vault/services/query.ts', `import Database from 'better-sqlite3';`, 'package "better-sqlite3"'],
    ['electron/vault/services/query.ts', `import { DatabaseSync } from 'node:sqlite';`, 'may not import "node:sqlite"'],
    ['electron/vault/store/rowStore.ts', `import Database from 'better-sqlite3';`, 'package "better-sqlite3"'],
    ['electron/vault/store/digest.ts', `const { subtle } = globalThis;`, 'may not use "subtle"'],
    ['electron/vault/providers/software/rows.ts', `import { RowStore } from '../../store/rowStore.ts';`, 'may not import "electron/vault/store/rowStore.ts"'],
    ['electron/vault/providers/software/token.ts', `import type { TokenClient } from '../pkcs11/tokenClient.ts';`, 'may not import "electron/vault/providers/pkcs11/tokenClient.ts"'],
    ['electron/vault/log/rows.ts', `type T = import('../store/rowStore.ts').RowStore;`, 'may not import "electron/vault/store/rowStore.ts"'],
    ['electron/vault/log/verifyExport.ts', `import '../store/database.ts';`, 'may not import "electron/vault/store/database.ts"'],
    ['electron/vault/formats/entry.ts', `export { writeEntry } from '../log/entry.ts';`, 'may not import "electron/vault/log/entry.ts"'],
    ['electron/vault/store/keys.ts', `import type { KeyProvider } from '../providers/provider.ts';`, 'may not import "electron/vault/providers/provider.ts"'],
    ['electron/vault/crypto/rows.ts', `import { openDatabase } from '../store/database.ts';`, 'may not import "electron/vault/store/database.ts"'],
    ['electron/vault/index.ts', `export * from './door/core.ts';`, '`export *`'],
    ['electron/vault/index.ts', `export * as door from './door/core.ts';`, '`export *`'],
    ['electron/vault/work/send.ts', `import { request } from 'node:https';`, 'may not import "node:https"'],
    ['electron/vault/door/start.ts', `new Worker(new URL('../../app/worker.ts', import.meta.url));`, 'may not import "electron/app/worker.ts"'],
    ['electron/vault/door/start.ts', `new Worker('../../app/worker.ts');`, 'may not import "electron/app/worker.ts"'],
    ['electron/vault/work/old.ts', `import fs = require('fs');`, 'package "fs"'],
    ['electron/vault/work/out.ts', `import x from '../../../../elsewhere/x.ts';`, 'may not import "../elsewhere/x.ts"'],
    ['electron/pkcs11-wire/node.ts', `import { Socket } from 'node:net';`, 'may not import "node:net"'],
    ['electron/pkcs11-host/core.ts', `import { sha256 } from '../vault/crypto/hashes.ts';`, 'may not import "electron/vault/crypto/hashes.ts"'],
    ['electron/pkcs11-host/terms.ts', `import { roles } from '../../shared/model/terms.ts';`, 'may not import "shared/model/terms.ts"'],
    ['electron/build/bundle.ts', `import { main } from '../cli/main.ts';`, 'may not import "electron/cli/main.ts"'],
  ])('%s: %s', (path, source, expected) => {
    expect(faults(path, source)).toContain(expected);
  });

  test.each([
    ['electron/app/main.ts', `import { app } from 'electron'; import { createCore } from '../vault/index.ts'; import { join } from 'node:path'; new URL('../pkcs11-host/main.ts', import.meta.url);`],
    ['electron/preload/window.ts', `import { contextBridge } from 'electron'; import { contract } from '../../shared/ipc/contract.ts';`],
    ['electron/chromium/main.ts', `import { chromium } from 'playwright-core'; import type { Ports } from '../vault/index.ts';`],
    ['renderer/main.tsx', `import '@mantine/core/styles.css'; import { contract } from '../shared/ipc/contract.ts'; export const App = () => <App />;`],
    ['electron/pkcs11-host/terms.ts', `import type { Role } from '../../shared/model/terms.ts';`],
    ['test/house/any.ts', `import { app } from 'electron'; import { createHash } from 'node:crypto'; import { x } from '../../electron/app/main.ts';`],
  ])('and one that keeps to the table is not: %s', (path, source) => {
    expect(faults(path, source)).toBe('');
  });
});

describe('a zone without Node and DOM does not compile what needs them', () => {
  test.each(['shared', 'electron/pkcs11-wire'])('%s', (zone) => {
    const names = { Buffer: `export const x = Buffer.from('');`, window: `export const x = window.name;`, document: `export const x = document.title;`, process: `export const x = process.env;` };
    mkdirSync(join(root, 'out'), { recursive: true });
    const folder = mkdtempSync(join(root, 'out/zone-'));
    try {
      for (const [name, source] of Object.entries({ ...names, plain: 'export const x = Uint8Array.of(1);' })) writeFileSync(join(folder, `${name}.ts`), source);
      const options = { rootDir: folder, noEmit: true, composite: false, emitDeclarationOnly: false, incremental: false, tsBuildInfoFile: null };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(root, zone, 'tsconfig.json'), compilerOptions: options, include: ['*.ts'], references: [] }));
      const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
      expect(status).not.toBe(0);
      expect(stdout.trim().split('\n').map((line) => /([a-zA-Z]+)\.ts\(1,\d+\): error TS\d+: Cannot find name '(\w+)'/.exec(line)?.slice(1)).sort()).toEqual(Object.keys(names).map((name) => [name, name]).sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
