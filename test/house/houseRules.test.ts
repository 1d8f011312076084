/** The rules of the house hold for every file, and an invented file that breaks one is caught. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyDeclarations, forbiddenCalls, longFunctions, nameFaults, pooledCopies, publicCopies, secretFolders, shapeFaults, wordFaults } from '../../electron/build/houseRules.ts';
import { codeFiles, isCode, parseSource, projectFiles, root } from '../../electron/build/sourceTree.ts';

const code = codeFiles();
const paths = projectFiles();
const readable = paths.filter((path) => isCode(path) || /\.(md|json|ya?ml|html|css|svg|c|py|txt)$|^[^.]+$|^\.[a-z]+(\/|$)/.test(path)).filter((path) => path !== 'package-lock.json');
const parsed = (path: string, source: string) => parseSource(path, source);
const lines = (count: number) => Array.from({ length: count }, (_, index) => `  call(${index});`).join('\n');

describe('every file', () => {
  test('was read', () => {
    expect(code.length).toBeGreaterThan(190);
    expect(readable).toEqual(expect.arrayContaining(['LICENSE', '.gitignore', '.ci/run', 'electron/pkcs11-wire/PROTOCOL.md', 'test/fault/faultShim.c']));
  });

  test('has functions of 60 lines at most', () => expect(code.flatMap(longFunctions)).toEqual([]));
  test('opens with a comment and has 400 lines at most', () => expect(code.flatMap(shapeFaults)).toEqual([]));
  test('has a name that says what is in it', () => expect(code.flatMap(({ path }) => nameFaults(path))).toEqual([]));
  test('declares no name that says nothing', () => expect(code.flatMap(emptyDeclarations)).toEqual([]));
  test('speaks of the project only', () => expect(readable.flatMap((path) => wordFaults(path, readFileSync(join(root, path), 'utf8')))).toEqual([]));
  test('copies no secret into the shared pool of Buffer', () => expect(code.flatMap(pooledCopies)).toEqual([]));
  test('makes no chance of Math.random, and leaves no test out', () => expect(code.flatMap(forbiddenCalls)).toEqual([]));
});

test('every copy that is let through is still made, and says why it is no secret', () => {
  const gone = publicCopies.filter(({ file, call }) => code.find(({ path }) => path === file)?.text.includes(call) !== true);
  expect(gone).toEqual([]);
  expect(publicCopies.filter(({ why }) => why.length < 5)).toEqual([]);
});

test('the lock file names no host but the public registry, and a hash for every package', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }> };
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  expect(installed.length).toBeGreaterThan(80);
  expect(installed.filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')).map(([path]) => path)).toEqual([]);
  expect(installed.filter(([, { integrity, link }]) => link !== true && !/^sha512-/.test(integrity ?? '')).map(([path]) => path)).toEqual([]);
  expect(paths.filter((path) => /(^|\/)(\.npmrc|\.yarnrc.*|pnpm-workspace\.yaml)$/.test(path))).toEqual([]);
});

test('what ships is pinned to one version each', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  expect(Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

describe('an invented file is caught', () => {
  test('functions of 61 lines, of every kind', () => {
    const bodies = [`function f() {\n${lines(59)}\n}`, `const f = () => {\n${lines(59)}\n};`, `class A {\n  m() {\n${lines(59)}\n  }\n}`];
    for (const body of bodies) {
      expect(longFunctions(parsed('electron/vault/a.ts', body)), body.slice(0, 20)).toHaveLength(1);
      expect(longFunctions(parsed('electron/vault/a.ts', body.replace('  call(0);\n', '')))).toEqual([]);
    }
    expect(longFunctions(parsed('test/a.test.ts', `describe('x', () => {\n${lines(70)}\n  test('y', () => {});\n});`))).toEqual([]);
    expect(longFunctions(parsed('test/a.test.ts', `test('x', () => {\n${lines(70)}\n});`))).toHaveLength(1);
  });

  test.each([
    ['no opening comment', `import { a } from './a.ts';\n`, 1],
    ['blank opening', `\n/** Purpose. */\n`, 1],
    ['401 lines', `/** Purpose. */\n${lines(400)}\n`, 1],
    ['400 lines', `/** Purpose. */\n${lines(399)}\n`, 0],
    ['a first line for the shell', `#!/usr/bin/env node\n// Purpose.\n`, 0],
  ])('%s', (_, text, count) => expect(shapeFaults({ path: 'a.ts', text })).toHaveLength(count));

  test.each(['shared/utils/bytes.ts', 'shared/bytesUtils.ts', 'shared/helpers.ts', 'electron/vault/keyManager.ts', 'electron/misc/a.ts', 'shared/common.ts', 'electron/vault/key-store.ts', 'electron/vault/KeyStore.ts', 'renderer/keyTable.tsx', 'electron/vault/store/migrations/second.ts'])(
    'the name %s',
    (path) => expect(nameFaults(path)).not.toEqual([]),
  );
  test.each(['shared/bytes.ts', 'renderer/KeyTable.tsx', 'renderer/main.tsx', 'electron/build/vitest.config.ts', 'electron/build/electron.vite.config.ts', 'test/house/zones.test.ts', 'electron/vault/store/migrations/0002-quorum.ts'])(
    'not the name %s',
    (path) => expect(nameFaults(path)).toEqual([]),
  );

  test('names of types and functions', () => {
    expect(emptyDeclarations(parsed('a.ts', 'class KeyManager {} function formatUtils() {} interface StringHelpers {} type misc = 1; class Managed {}'))).toHaveLength(4);
  });

  test.each([
    ['/wo', 'rk/main/electron'],
    ['(/ro', 'ot/.npm)'],
    ['"/ho', 'me/ada/key.pem"'],
    ['/Us', 'ers/ada/x'],
    ['C:\\Us', 'ers\\ada'],
    ['"https://npm-regis', 'try.example.org/zod"'],
    ['http://local', 'host:4873/'],
    ['see issue', ' #12'],
    ['in a previous', ' session'],
    ['TO', 'DO: later'],
  ])('the words %s%s', (first, second) => expect(wordFaults('a.md', first + second)).toHaveLength(1));
  test.each(['electron/vault/work/signBatch.ts', '../work/handOut.ts', 'the last session takes its login along', 'CKR_SESSION_CLOSED', '~/home/x', '/usr/bin/openssl', 'https://registry.npmjs.org/zod', '`work/` are the only writers'])(
    'not the words %s',
    (text) => expect(wordFaults('a.md', text)).toEqual([]),
  );

  test('copies of what may be secret', () => {
    const source = `Buffer.from(secret); Buffer.concat([a, b]); Buffer.from('aa', 'hex'); Buffer.allocUnsafe(4); Buffer.from(secret.buffer, secret.byteOffset, secret.length); Buffer.alloc(4);`;
    for (const folder of secretFolders) expect(pooledCopies(parsed(`${folder}/new.ts`, source))).toHaveLength(4);
    expect(pooledCopies(parsed('electron/pkcs11-host/new.ts', source))).toEqual([]);
    expect(pooledCopies(parsed('electron/vault/crypto/passphraseKey.ts', 'Buffer.from(salt); Buffer.from(secret);'))).toHaveLength(1);
  });

  test('calls that are not made', () => {
    expect(forbiddenCalls(parsed('shared/a.ts', 'const id = Math.random();'))).toHaveLength(1);
    expect(forbiddenCalls(parsed('test/a.test.ts', `test.only('x', f); describe.skip('y', f); it.todo('z'); test.concurrent.only('w', f); test.skipIf(a)('v', f); test.runIf(a)('u', f); Math.random();`))).toHaveLength(6);
  });
});
