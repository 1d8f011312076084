/** No case is forgotten: each is named by the test that runs it, or waits, by name, for a format that comes later. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { everyCase } from '../fixtures/cases.ts';

const tests = fileURLToPath(new URL('..', import.meta.url));

/** What is not read here yet, and why. */
const waiting: Readonly<Record<string, string>> = {
  'reports/19': 'import packages of clouds and HashiCorp Vault',
  'reports/21': 'TR-31 key blocks',
  'reports/35': 'JWE',
};

const own = fileURLToPath(import.meta.url);
const texts = readdirSync(tests, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => path !== own)
  .map((path) => readFileSync(path, 'utf8'));

describe('the cases', () => {
  test.each(everyCase().map((name) => [name]))('%s', (name) => {
    const short = /^\w+\/\d+/.exec(name)?.[0] ?? name;
    if (short in waiting) console.info(`waiting: ${name} (${waiting[short]})`);
    else expect(texts.some((text) => text.includes(short) || text.includes(`'${name.split('/')[1]}'`)), `no test names ${name}`).toBe(true);
  });
});
