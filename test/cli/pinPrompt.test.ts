/** The PIN question on a real terminal (of `script`): what is said before it, and the last try. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../fixtures/askPin.ts', import.meta.url));
const plain = { user: 'user', tokenLabel: 'officers', tokenSerial: '00a1', finalTry: false, countLow: false, minLength: 4, maxLength: 8 };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-pin-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Types each line when the screen ends as a question does. */
async function onTerminal(question: object, lines: readonly string[]): Promise<{ readonly screen: string; readonly result: string }> {
  const out = join(folder, 'result');
  const quoted = JSON.stringify(question).replaceAll("'", "'\\''");
  const child = spawn('script', ['-qec', `'${process.execPath}' '${program}' '${out}' '${quoted}'`, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const left = [...lines];
  let screen = '';
  let answered = 0;
  child.stdout.on('data', (data: Buffer) => {
    screen += data.toString();
    if (!/: $/.test(screen.slice(answered))) return;
    answered = screen.length;
    child.stdin.write(`${left.shift() ?? '\u0003'}\r`);
  });
  await new Promise((resolve) => child.on('close', resolve));
  return { screen, result: readFileSync(out, 'utf8') };
}

test('says the lengths that the token takes, and what its flags say', async () => {
  const { screen, result } = await onTerminal({ ...plain, countLow: true }, ['123456']);
  expect(screen).toContain('the token says that a wrong PIN was entered since the last right one');
  expect(screen).toContain('it has 4 to 8 bytes');
  expect(screen).toContain('The PIN of the token "officers" (00a1): ');
  expect(screen).not.toContain('123456');
  expect(result).toBe('pin of 6 bytes');
}, 20_000);

test('SECURITY: the last try is confirmed by the label of the token, before the PIN is asked for', async () => {
  const refused = await onTerminal({ ...plain, finalTry: true }, ['123456']);
  expect(refused.screen).toContain('ONE try is left: a wrong PIN locks the token');
  expect(refused.result).toBe('declined: the label of the token was not typed; no try was spent');
  expect((await onTerminal({ ...plain, finalTry: true }, ['officers', '1234'])).result).toBe('pin of 4 bytes');
}, 20_000);

test('a key that asks each time says how often before the first', async () => {
  const { screen } = await onTerminal({ ...plain, forOneUse: { key: 'release', number: 1, count: 3 } }, ['1234']);
  expect(screen).toContain('you will be asked 3 times');
  expect(screen).toContain('for signature 1 of 3 with the key "release": ');
}, 20_000);

test('SECURITY: what a token and the file of a locked vault say moves nothing on the terminal', async () => {
  const evil = '\u001b[2J\u001b]0;title\u0007\u202e\r\nSHA-256: good\u2028';
  const shown = '\ufffd[2J\ufffd]0;title\ufffd\ufffd\ufffd\ufffdSHA-256: good\ufffd';
  const pin = await onTerminal({ ...plain, tokenLabel: evil, finalTry: true }, ['officers']);
  expect(pin.screen).toContain(`Type the label of the token ("${shown}")`);
  expect(pin.result).toContain('no try was spent');
  const confirmed = await onTerminal({ why: 'act', sentence: `Load ${evil}`, details: [`it is told: ${evil}`, 'load it only if you know it'], expected: 'x.so', expectedIs: 'the name', verb: 'Load' }, ['x.so']);
  expect(confirmed.screen).toContain(`Load ${shown}.\r\n  - it is told: ${shown}\r\n  - load it only if you know it\r\nType the name`);
  expect(confirmed.result).toBe('x.so');
  for (const { screen } of [pin, confirmed]) expect(screen.replaceAll(/[\r\n]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
}, 20_000);
