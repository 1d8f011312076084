/** What can be shown of the packages without Electron's program: the configuration fits its schema, the fuses, the list of files, the list of parts, the hashes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSbom, makeSums } from '../../electron/build/packageInput.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';

const root = join(import.meta.dirname, '../..');
const load = createRequire(import.meta.url);
const configuration = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
let folder: string;
/** Every file of the archive, from its root. */
let files: readonly string[];

interface Asar {
  listPackage(archive: string, options: object): string[];
  extractFile(archive: string, name: string): Buffer;
}

/** A dummy of Electron's folder, and named so: the archive of the application is laid as in a real one. */
function makeDummy(): string {
  const dummy = join(folder, 'dummy');
  mkdirSync(join(dummy, 'resources'), { recursive: true });
  for (const name of ['electron', 'LICENSE', 'LICENSES.chromium.html', 'version', 'chrome-sandbox']) writeFileSync(join(dummy, name), '45.5.0');
  chmodSync(join(dummy, 'electron'), 0o755);
  return dummy;
}

const archive = () => join(folder, 'packages/linux-unpacked/resources/app.asar');
const asar = load(load.resolve('@electron/asar', { paths: [load.resolve('app-builder-lib')] })) as Asar;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-package-'));
  // A dummy has no fuses to be set.
  writeFileSync(join(folder, 'builder.yml'), configuration.replace(/electronFuses:\n( .*\n)+/, ''));
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/electron-builder'), ['--linux', 'dir', '--config', join(folder, 'builder.yml'), `-c.electronDist=${makeDummy()}`, `-c.directories.output=${join(folder, 'packages')}`, '--publish', 'never'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  files = asar.listPackage(archive(), { isPack: false });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the configuration', () => {
  test("fits electron-builder's schema", async () => {
    const { getConfig, validateConfiguration } = load('app-builder-lib/out/util/config/config.js') as { getConfig(folder: string, file: string, more: null): Promise<object>; validateConfiguration(config: object, logger: object): Promise<void> };
    const config = await getConfig(root, 'electron-builder.yml', null);
    await expect(validateConfiguration(config, { add: () => undefined, isEnabled: false })).resolves.toBeUndefined();
    await expect(validateConfiguration({ ...config, nonsense: true }, { add: () => undefined, isEnabled: false })).rejects.toThrow();
  });

  test('sets all eight fuses', () => {
    const fuses = Object.fromEntries([...(/electronFuses:\n((?: .*\n)+)/.exec(configuration)?.[1] ?? '').matchAll(/(\w+): (\w+)/g)].map((match) => [match[1], match[2] === 'true']));
    expect(fuses).toEqual({ runAsNode: false, enableCookieEncryption: true, enableNodeOptionsEnvironmentVariable: false, enableNodeCliInspectArguments: false, enableEmbeddedAsarIntegrityValidation: true, onlyLoadAppFromAsar: true, loadBrowserProcessSpecificV8Snapshot: false, grantFileProtocolExtraPrivileges: false });
  });

  test('names the Electron that the project has, and looks for no updates', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
    expect(configuration).toContain(`electronVersion: ${devDependencies['electron']}\n`);
    expect(configuration).toContain('publish: null');
  });
});

describe('the archive', () => {
  test('has the programs, the pages and the preloads', () => {
    for (const name of ['/out/main/main.js', '/out/main/coreWorker.js', '/out/main/pkcs11Host.js', '/out/preload/windowPreload.cjs', '/out/preload/promptPreload.cjs', '/out/window/renderer/index.html', '/out/window/prompt/index.html', '/package.json', '/LICENSE']) expect(files).toContain(name);
  });

  test('has no sources, maps, tests, types, C and no other platform', () => {
    expect(files.length).toBeGreaterThan(200);
    expect(files.filter((name) => /\.(ts|tsx|map|c|cc|cpp|h|gyp|o|a)$|^\/(test|renderer|electron|shared|\.git|\.ci)\b|\/prebuilds\/(darwin|win32|freebsd|android)/.test(name))).toEqual([]);
  });

  test('has no package that is only for development', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
    const shipped = new Set(files.flatMap((name) => /^\/node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(name)?.[1] ?? []));
    expect(Object.keys(devDependencies).filter((name) => shipped.has(name))).toEqual([]);
    for (const name of ['better-sqlite3', 'argon2', 'pkcs11js', 'graphene-pk11', 'zod']) expect([...shipped]).toContain(name);
  });

  test('names no place of this machine in our programs', () => {
    for (const name of files.filter((one) => one.startsWith('/out/') && /\.(js|cjs|html|css)$/.test(one))) expect(asar.extractFile(archive(), name.slice(1)).toString(), name).not.toContain(root);
  });

  test('keeps its native modules outside, where they can be loaded', () => {
    const unpacked = execFileSync('find', [`${archive()}.unpacked`, '-name', '*.node'], { encoding: 'utf8' });
    for (const name of ['pkcs11js', 'argon2', 'better-sqlite3']) expect(unpacked).toContain(name);
  });
});

describe('the command line of a package', () => {
  const inside = () => join(folder, 'packages/linux-unpacked/resources/command-line');
  const names = () => readdirSync(inside(), { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(inside(), name)).isFile());

  test('is two programs, a Node of its own and the packages with native code', () => {
    expect(names().filter((name) => !name.startsWith('node_modules/')).map((name) => name.replace(/-[\w-]{8}\.mjs$/, '.mjs')).toSorted()).toEqual(['frame.mjs', 'node', 'pkcs11Host.mjs', 'strongroom', 'strongroom.mjs']);
    expect([...new Set(names().flatMap((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []))].toSorted()).toEqual(['@phc/format', 'argon2', 'better-sqlite3', 'graphene-pk11', 'node-gyp-build', 'pkcs11js', 'tslib']);
    expect(names().filter((name) => /\.(ts|cts|map|c|cc|cpp|h|gyp)$|prebuilds\/(darwin|win32|freebsd)/.test(name))).toEqual([]);
  });

  test('names no place of this machine', () => {
    for (const name of names().filter((one) => /\.mjs$/.test(one) || one === 'strongroom')) expect(readFileSync(join(inside(), name), 'utf8'), name).not.toContain(root);
  });

  test('runs by itself, through a link, whatever Node is told by the environment: a vault, a token, a key on it, a signature', () => {
    const token = makeSoftHsmToken('packaged');
    const place = (name: string) => join(folder, name);
    symlinkSync(join(inside(), 'strongroom'), place('strongroom'));
    writeFileSync(place('pass'), 'six random words would be better');
    writeFileSync(place('pin'), token.userPin);
    const run = (...words: string[]) => spawnSync(place('strongroom'), [...words, '--vault', place('a.strongroom'), '--passphrase-file', place('pass'), '--pin-file', place('pin'), '--json'], { cwd: folder, env: { ...token.environment, HOME: folder, PATH: '/usr/bin:/bin', NODE_OPTIONS: '--require /nowhere', NODE_PATH: '/nowhere' }, encoding: 'utf8' });
    const value = (...words: string[]) => {
      const { stdout, stderr, status } = run(...words);
      expect([status, stderr], `${words.join(' ')}: ${stdout}`).toEqual([0, '']);
      return JSON.parse(stdout) as { ok: boolean; value: Record<string, unknown> };
    };
    try {
      value('vault', 'create', '--person', 'Ada', '--new-passphrase-file', place('pass'), '--unlock-cost', 'minimum');
      value('token', 'add', token.modulePath, '--confirm', 'libsofthsm2.so');
      value('key', 'generate', 'release', '--purpose', 'signature', '--algorithm', 'rsa-2048', '--place', 'packaged');
      expect(value('key', 'sign', 'release', place('pass')).value).toMatchObject({ signed: 1 });
      expect(value('audit', 'verify')).toMatchObject({ ok: true });
    } finally {
      token.remove();
    }
  }, 60_000);

  test('is on the path of who installs the Debian package', () => {
    expect(configuration).toContain('fpm: [resources/package/strongroom.deb.sh=/usr/bin/strongroom]');
    const { mode } = statSync(join(root, 'resources/package/strongroom.deb.sh'));
    expect(mode & 0o111).toBe(0o111);
  });
});

describe('the list of parts', () => {
  interface Sbom {
    readonly bomFormat: string;
    readonly specVersion: string;
    readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string; readonly hashes?: readonly { readonly alg: string; readonly content: string }[] }[];
  }

  test('is CycloneDX, with a hash for each part, and has every dependency that ships', () => {
    const sbom = JSON.parse(makeSbom()) as Sbom;
    expect([sbom.bomFormat, sbom.specVersion]).toEqual(['CycloneDX', '1.5']);
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    for (const [name, version] of Object.entries(dependencies)) expect(sbom.components.find(({ purl }) => decodeURIComponent(purl) === `pkg:npm/${name}@${version}`), name).toBeDefined();
    expect(sbom.components.filter(({ hashes }) => hashes === undefined || hashes.length === 0)).toEqual([]);
    expect(JSON.stringify(sbom)).not.toContain(root);
  });

  test('fits the schema of CycloneDX, by a library that is not ours', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
    expect(await validator.validate(makeSbom())).toBeNull();
    expect(await validator.validate(makeSbom().replace('"bomFormat"', '"bomFormats"'))).not.toBeNull();
  });
});

test('SHA256SUMS is checked by another program, which notices a change', () => {
  const made = join(folder, 'made');
  mkdirSync(join(made, 'inner'), { recursive: true });
  writeFileSync(join(made, 'a'), 'one');
  writeFileSync(join(made, 'inner/b'), 'two');
  writeFileSync(join(made, 'SHA256SUMS'), makeSums(made));
  const check = () => spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: made }).status;
  expect(check()).toBe(0);
  writeFileSync(join(made, 'a'), 'another');
  expect(check()).not.toBe(0);
});

test('npm run package says what it lacks where there is no Electron', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'electron/build/package.ts')], { env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' }, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('no package was made');
  expect(readFileSync(join(root, 'out/packages/SHA256SUMS'), 'utf8')).toContain('strongroom.cdx.json');
}, 60_000);
