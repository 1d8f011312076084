/** Tests of the tests: five protective lines of the Electron application, chosen anew each time, are taken out one by one, and each is missed. */
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { isNoticed, securityLines, stillParses } from '../fixtures/securityLines.ts';

const lines = [...securityLines()];
const chosen = Array.from({ length: 5 }, () => lines.splice(randomInt(lines.length), 1)[0] ?? '');

test('the application has its protective lines, and is a program without any one of them', () => {
  expect(lines.length + chosen.length).toBeGreaterThan(30);
  expect([...lines, ...chosen].filter((place) => !stillParses(place))).toEqual([]);
});

test.each(chosen)('without %s a test fails', (place) => {
  expect(isNoticed(place)).toBe(true);
}, 120_000);
