/** What the project claims is shown: each rule in test/CLAIMS.md, in the code that refuses, and in a test's title; each protective line in the README. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claimsOf, readClaims, refusedWithoutName, renderClaims, ruleIds, rulesNamed, titlesOf } from '../../electron/build/claimsTable.ts';
import { codeFiles, isCode, parseSource, projectFiles, root } from '../../electron/build/sourceTree.ts';
import { rules } from '../../shared/rules/ruleIds.ts';

const files = codeFiles();
const claims = claimsOf(files);
const written = readClaims(readFileSync(join(root, 'test/CLAIMS.md'), 'utf8'));
const again = 'run `npm run claims`';

describe('each rule', () => {
  test('has its row and its words in test/CLAIMS.md, and no other rule has', () => {
    expect(written.map(({ rule, claim }) => [rule, claim]), again).toEqual(Object.entries(rules));
  });

  test('is refused by in code', () => expect(claims.filter(({ refusedIn }) => refusedIn.length === 0).map(({ rule }) => rule)).toEqual([]));
  test('is named in the title of a test', () => expect(claims.filter(({ shownBy }) => shownBy.length === 0).map(({ rule }) => rule)).toEqual([]));

  test.each(ruleIds.map((id) => [id]))('%s: code and tests of its row are there, and name it', (id) => {
    const row = written.find(({ rule }) => rule === id);
    const claim = claims.find(({ rule }) => rule === id);
    expect(row?.refusedIn.filter((path) => claim?.refusedIn.includes(path) !== true), again).toEqual([]);
    expect(row?.shownBy.filter((shown) => claim?.shownBy.some(({ file, title }) => file === shown.file && title === shown.title) !== true), again).toEqual([]);
    expect(row?.refusedIn).not.toEqual([]);
    expect(row?.shownBy).not.toEqual([]);
  });

  test('that refuses without its name is refused where the list says', () => {
    for (const { files: places, by, why } of Object.values(refusedWithoutName)) {
      expect(why.length).toBeGreaterThan(20);
      expect(places.filter((path) => files.find((file) => file.path === path)?.text.includes(by) !== true)).toEqual([]);
    }
  });
});

describe('each protective line', () => {
  const lines = projectFiles().filter((path) => isCode(path) && !path.startsWith('test/') && !path.startsWith('electron/build/')).flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return text.split('\n').flatMap((line) => (line.includes('SECURITY:') ? [{ path, reason: line.slice(line.indexOf('SECURITY:') + 9).trim() }] : []));
  });

  test('says why', () => {
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter(({ reason }) => !reason.includes(' '))).toEqual([]);
  });

  /** Files with a protective line that a text names neither themselves nor by a folder smaller than these. */
  const tooLarge = ['.', 'electron', 'electron/vault'];
  function unnamed(text: string): readonly string[] {
    const named = new Set([...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replace(/\/$/, '')));
    return [...new Set(lines.map(({ path }) => path))].filter((path) => {
      for (let place = path; !tooLarge.includes(place); place = dirname(place)) if (named.has(place)) return false;
      return true;
    });
  }

  test('is in a file or folder that the README names, once there is a README', () => {
    const readme = join(root, 'README.md');
    if (existsSync(readme)) expect(unnamed(readFileSync(readme, 'utf8'))).toEqual([]);
    expect(unnamed('')).toHaveLength(new Set(lines.map(({ path }) => path)).size);
    expect(unnamed('`electron/vault/store/`')).not.toContain('electron/vault/store/database.ts');
    expect(unnamed('`electron/vault`')).toContain('electron/vault/store/database.ts');
  });
});

describe('the table is made of', () => {
  test('titles of every form, and whole names of rules', () => {
    const file = parseSource('test/a.test.ts', `describe('A', () => { test('B', f); it.each([1])('C %s', f); test.runIf(x).each(y)('D', f); test(\`E \${z} F\`, f); other('G', f); });`);
    expect(titlesOf(file)).toEqual(['A', 'B', 'C %s', 'D', 'E … F']);
    expect(rulesNamed('KEY-STATE-1 and KEY-STATE-22, XKEY-STATE-2, TOKEN-1x, ROLE-1: x')).toEqual(['KEY-STATE-1', 'ROLE-1']);
  });

  test('what can be read back', () => {
    expect(readClaims(renderClaims([{ rule: 'ROLE-1', claim: 'a | b', refusedIn: ['x.ts', 'y.ts'], shownBy: [{ file: 't.ts', title: 'ROLE-1: `c` | d' }] }]))).toEqual([
      { rule: 'ROLE-1', claim: 'a | b', refusedIn: ['x.ts', 'y.ts'], shownBy: [{ file: 't.ts', title: 'ROLE-1: `c` | d' }] },
    ]);
    expect(readClaims(renderClaims(claims)).map(({ shownBy }) => shownBy)).toEqual(claims.map(({ shownBy }) => shownBy));
  });

  test('nothing that a rule without test or code could hide behind', () => {
    const only = claimsOf([parseSource('electron/vault/rules/a.ts', "throw refusal('ROLE-1', 'no');"), parseSource('test/b.test.ts', "test('TIME-1: x', f);")]);
    expect(only.find(({ rule }) => rule === 'ROLE-1')).toMatchObject({ refusedIn: ['electron/vault/rules/a.ts'], shownBy: [] });
    expect(only.find(({ rule }) => rule === 'TIME-1')).toMatchObject({ refusedIn: [], shownBy: [{ file: 'test/b.test.ts', title: 'TIME-1: x' }] });
  });
});
