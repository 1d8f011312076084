/** Completion in the shells themselves: what each proposes after the words that were typed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shells } from '../../electron/cli/completion.ts';
import type { Shell } from '../../electron/cli/completion.ts';

const strongroom = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-completion-'));
  for (const shell of shells) writeFileSync(join(folder, shell), execFileSync(process.execPath, [strongroom, 'completion', shell]));
  writeFileSync(join(folder, 'app.tar'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: folder, encoding: 'utf8' }).split('\n').filter((line) => line !== '');

/** zsh proposes through functions of its line editor, which print here what they were given. */
const zshEditor = `
compdef() { : }
_describe() { print -l -- "\${(@P)2%%:*}" }
compadd() { shift; print -l -- "$@" }
_files() { print -l -- * }
`;

/** @param words as typed, the last of them unfinished; the shells that filter by it later give all */
const propose: Readonly<Record<Shell, (...words: string[]) => string[]>> = {
  bash: (...words) => run('bash', '-c', `source ./bash; COMP_WORDS=(strongroom ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _strongroom; printf '%s\\n' "\${COMPREPLY[@]}"`),
  zsh: (...words) => run('zsh', '-f', '-c', `${zshEditor}\nsource ./zsh\nwords=(strongroom ${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length + 1}; _strongroom`),
  fish: (...words) => run('fish', '--no-config', '-c', `source ./fish; complete -C '${['strongroom', ...words].join(' ')}'`).map((line) => line.split('\t')[0] ?? ''),
};

describe.each(shells)('%s', (shell) => {
  test('proposes nouns, then verbs', () => {
    expect(propose[shell]('')).toEqual(expect.arrayContaining(['vault', 'key', 'token', 'audit', 'session', 'completion']));
    expect(propose[shell]('key', 's')).toEqual(expect.arrayContaining(['sign', 'show', 'suspend']));
    expect(propose[shell]('key', '')).not.toContain('create');
  });

  test('proposes flags of the command, and the choices of a flag', () => {
    expect(propose[shell]('key', 'generate', 'payroll', '--')).toEqual(expect.arrayContaining(['--purpose', '--algorithm', '--vault']));
    expect(propose[shell]('key', 'generate', '--purpose', '')).toEqual(expect.arrayContaining(['signature', 'key-wrapping']));
    expect(propose[shell]('vault', 'create', '--')).not.toContain('--algorithm');
  });

  test('proposes files where a file is wanted', () => {
    expect(propose[shell]('key', 'sign', 'release', 'app')).toContain('app.tar');
    expect(propose[shell]('key', 'list', '--vault', '')).toContain('app.tar');
  });

  test('proposes the shells', () => expect(propose[shell]('completion', '')).toEqual(expect.arrayContaining([...shells])));
});
