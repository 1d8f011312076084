/**
 * Every region of FORMAT.md × flip, zero, cut, extend, swap with another row, by another program: refused in a sentence that names the thing, or
 * provably without meaning; and random bytes of the file. The seed of what is chosen is printed; `STRONGROOM_SEED` gives it back.
 */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import { inventoryTables } from '../../electron/vault/unlock/openVault.ts';
import type { OpenVault } from '../../electron/vault/unlock/openVault.ts';
import { seedOf } from '../fixtures/seededNumbers.ts';
import { contentOf, makeFullVault } from '../fixtures/fullVault.ts';
import type { FullVault } from '../fixtures/fullVault.ts';
import { endSlowing, fateOfByte } from './byteChanges.ts';
import { regionChanges } from './regionChanges.ts';
import type { RegionChange } from './regionChanges.ts';

vi.mock('argon2', async (original) => {
  const { rememberArgon2 } = await import('../fixtures/rememberedArgon2.ts');
  const module = await original<{ default: { hash: unknown } }>();
  return { ...module, default: rememberArgon2(module.default) };
});

const { random } = seedOf('regions of the vault file');
let full: FullVault;
let content: string;
let changes: ReadonlyMap<string, readonly RegionChange[]>;
let path: string;

beforeAll(async () => {
  full = await makeFullVault();
  path = join(full.folder, 'edited.strongroom');
  const vault = await full.open(full.path, true);
  content = contentOf(vault);
  vault.close();
  changes = Map.groupBy(regionChanges(full.path, (count) => Math.floor(random() * count)), ({ region }) => region);
}, 60_000);
afterAll(() => full.remove());

interface Expected {
  readonly codes: readonly string[];
  readonly names: RegExp;
  /** Why the unlock may not see it, and a reading of the log does. */
  readonly onReading?: string;
}

const tampered = (names: RegExp): Expected => ({ codes: ['vault-tampered'], names });
/** Nothing vouches for a way in before its key is known: another salt, cost or commitment is another key, as with another passphrase, and the error says that too. */
const likeAWrongPassphrase: Expected = { codes: ['vault-tampered', 'wrong-passphrase'], names: /a way in was edited|the unlock parameters were edited|argon2|leads to no root|the passphrase is wrong/ };

/** What each region's change is refused with, and what its sentence names. */
const expectations: Readonly<Record<string, Expected>> = {
  'application id': { codes: ['vault-foreign'], names: /not a Strongroom vault/ },
  'user version': { codes: ['vault-foreign', 'vault-newer'], names: /not a Strongroom vault|has format \d+/ },
  ...Object.fromEntries(['id', 'suite', 'seed', 'vault', 'epoch', 'genesis'].map((column) => [`header.${column}`, tampered(/the header was edited/)])),
  'access.id': tampered(/a way in was removed; a way in was added/),
  'access.principal': likeAWrongPassphrase,
  'access.parameters': likeAWrongPassphrase,
  ...Object.fromEntries(['mode', 'memoryKiB', 'passes', 'lanes', 'salt', 'fixed', 'more'].map((name) => [`access.parameters.${name}`, likeAWrongPassphrase])),
  'access.commitment': likeAWrongPassphrase,
  'access.daily': tampered(/a way in was edited/),
  'access.approval': tampered(/a way in was edited/),
  'root.id': tampered(/a root was|leads to no root/),
  ...Object.fromEntries(['principal', 'epoch', 'kind', 'sealed'].map((column) => [`root.${column}`, tampered(/a root was edited/)])),
  ...Object.fromEntries(inventoryTables.flatMap((table) => ['id', 'revision', 'sealed'].map((column) => [`${table}.${column}`, tampered(new RegExp(`the row .* of the table "${table}" was`))]))),
  ...Object.fromEntries(['id', 'sealed'].flatMap((column) => [[`materialKey.${column}`, tampered(/the key of some key material was/)], [`material.${column}`, tampered(/some key material was/)]])),
  'entry.seq': tampered(/of the log (was|were)|to the log/),
  'entry.leaf': tampered(/of the log (was|were)/),
  'entry.sealed': { ...tampered(/of the log was edited/), onReading: 'an entry that was verified before is not opened again by each unlock: its leaf is held against the root, its blob when it is read' },
  'digest.id': tampered(/the state digest was removed/),
  'digest.sealed': tampered(/the state digest was/),
};

/** Regions that say nothing to be trusted, and why. */
const withoutMeaning: Readonly<Record<string, string>> = {
  'attempt.id': 'the order of failed unlocks: plain, since a locked vault has no key to seal with, and logged as unauthenticated',
  'attempt.at': 'their times: the same',
};

interface Refusal {
  readonly code: string;
  readonly message: string;
  /** It opened, and was refused when all was read. */
  readonly onReading: boolean;
}

/** @returns why it was refused, undefined where it was not */
async function refusal(change: RegionChange): Promise<Refusal | undefined> {
  copyFileSync(full.path, path);
  change.apply(path);
  let vault: OpenVault | undefined;
  try {
    vault = await full.open(path, true);
    expect(contentOf(vault) === content, `${change.name}: what it says`).toBe(true);
    return undefined;
  } catch (error) {
    if (!isStrongroomError(error)) throw new Error(change.name, { cause: error });
    if (error.code === 'wrong-passphrase') await endSlowing(full, path);
    return { code: error.code, message: error.message, onReading: vault !== undefined };
  } finally {
    vault?.close();
  }
}

test('every table and column of the file is a region here, and every region has its expectation', () => {
  const regions = [...changes.keys()];
  expect(regions.filter((region) => expectations[region] === undefined && withoutMeaning[region] === undefined)).toEqual([]);
  expect(Object.keys({ ...expectations, ...withoutMeaning }).filter((region) => !regions.includes(region))).toEqual([]);
  for (const table of [...inventoryTables, 'material', 'materialKey', 'entry', 'root'].filter((name) => name !== 'principal')) {
    expect(changes.get(`${table}.sealed`)?.map(({ name }) => name.split(': ')[1]), table).toContain('swapped with another row');
  }
});

test.each(Object.entries(expectations))('%s', async (region, { codes, names, onReading }) => {
  for (const change of changes.get(region) ?? []) {
    const refused = await refusal(change);
    expect(refused?.onReading === true && onReading === undefined, `${change.name}: seen by the unlock`).toBe(false);
    expect(refused?.code, change.name).toBeOneOf([...codes]);
    expect(refused?.message, change.name).toMatch(names);
  }
});

describe('without meaning', () => {
  test.each(Object.entries(withoutMeaning))('%s (%s)', async (region) => {
    for (const change of changes.get(region) ?? []) {
      expect(await refusal(change), change.name).toBeUndefined();
      const vault = await full.open(path, false); // folds the attempts into the log
      await vault.check();
      vault.close();
      (await full.open(path, true)).close();
    }
  });
});

test('60 random bytes: refused, or without meaning', async () => {
  const fates = [];
  for (let count = 0; count < 60; count += 1) fates.push(await fateOfByte(full, content, path, random));
  expect(fates).toContain('refused');
});
