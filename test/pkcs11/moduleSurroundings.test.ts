/** The table of known modules, and what a module is given of the host's surroundings. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeModuleFile } from '../../electron/vault/providers/pkcs11/describeModuleFile.ts';
import { moduleSurroundings } from '../../electron/vault/providers/pkcs11/moduleSurroundings.ts';
import type { KnownModule } from '../../electron/vault/providers/pkcs11/moduleSurroundings.ts';
import { softHsmModulePath } from '../fixtures/softHsm.ts';

const { modules } = JSON.parse(readFileSync(new URL('../../resources/pkcs11Modules.json', import.meta.url), 'utf8')) as { modules: readonly KnownModule[] };

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'strongroom-home-'));
  mkdirSync(join(home, '.config/softhsm2'), { recursive: true });
  writeFileSync(join(home, '.config/softhsm2/softhsm2.conf'), '# tokens\ndirectories.tokendir = /srv/tokens\nlog.level = INFO\n');
  writeFileSync(join(home, 'other.conf'), 'directories.tokendir=/srv/other\n');
});
afterAll(() => rmSync(home, { recursive: true }));

describe('the table', () => {
  test('has a row for each module that must work', () => {
    expect(modules.map(({ name }) => name)).toHaveLength(new Set(modules.map(({ name }) => name)).size);
    for (const { paths, variables, folders } of modules) {
      expect(Object.keys(paths).every((os) => ['linux', 'darwin', 'win32'].includes(os))).toBe(true);
      expect(Object.values(paths).flat().length).toBeGreaterThan(0);
      expect([...variables, ...folders].every((text) => text.length > 0)).toBe(true);
    }
  });

  test('every path of it that is on this machine is a library that this machine can load', () => {
    const here = modules.flatMap(({ paths }) => paths[process.platform] ?? []).filter((path) => existsSync(path));
    expect(here).toContain(softHsmModulePath());
    for (const path of here) expect(describeModuleFile(path).architecture).toBe(process.arch);
  });
});

describe('what a module is given', () => {
  const environment = { SOFTHSM2_CONF: undefined, HOME: '/home/x', AWS_SECRET_ACCESS_KEY: 'secret', P11_KIT_SERVER_ADDRESS: 'unix:path=/run/x' };

  test("SoftHSM by its user's configuration: that file and the tokens' folder", () => {
    expect(moduleSurroundings('/opt/anywhere/libsofthsm2.so', modules, { environment, home })).toEqual({
      name: 'SoftHSM 2',
      environment: {},
      folders: [join(home, '.config/softhsm2'), join(home, 'softhsm2'), join(home, '.config/softhsm2/softhsm2.conf'), '/srv/tokens'],
    });
  });

  test('SoftHSM by SOFTHSM2_CONF, which is passed on, and nothing else is', () => {
    const given = moduleSurroundings('/usr/lib/softhsm/libsofthsm2.so', modules, {
      environment: { ...environment, SOFTHSM2_CONF: join(home, 'other.conf') },
      home,
    });
    expect(given.environment).toEqual({ SOFTHSM2_CONF: join(home, 'other.conf') });
    expect(given.folders, 'not the folder that the file lies in').not.toContain(home);
    expect(given.folders).toEqual(expect.arrayContaining([join(home, 'other.conf'), '/srv/other']));
  });

  test('a configuration that is not there names no folder', () => {
    const given = moduleSurroundings('/usr/lib/softhsm/libsofthsm2.so', modules, { environment: { SOFTHSM2_CONF: join(home, 'absent.conf') }, home });
    expect(given.folders).toEqual([join(home, '.config/softhsm2'), join(home, 'softhsm2')]);
  });

  test('a module that nobody knows gets nothing', () => {
    expect(moduleSurroundings('/opt/vendor/libvendor.so', modules, { environment, home })).toEqual({ name: undefined, environment: {}, folders: [] });
  });

  test("p11-kit's address goes to p11-kit's client", () => {
    expect(moduleSurroundings('/usr/lib64/pkcs11/p11-kit-client.so', modules, { environment, home }).environment).toEqual({
      P11_KIT_SERVER_ADDRESS: 'unix:path=/run/x',
    });
  });
});
