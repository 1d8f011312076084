/** For the test of tests: one protective line is taken out of the code that is tested, and some test must fail. */
import { join } from 'node:path';
import type { Plugin } from 'vite';

const root = join(import.meta.dirname, '../..');

/** The code without the protection that begins at a line: the line itself, or, where it is only a comment, the line that it speaks of too. @param line from 1 */
export function withoutProtection(code: string, line: number): string {
  const lines = code.split('\n');
  const isComment = lines[line - 1]?.trimStart().startsWith('//') === true;
  return lines.filter((_, index) => index !== line - 1 && !(isComment && index === line)).join('\n');
}

/** @param wanted `electron/app/pages.ts:12`, from the environment; nothing is taken out without it */
export function withoutLine(wanted = process.env['STRONGROOM_WITHOUT']): Plugin[] {
  if (wanted === undefined || wanted === '') return [];
  const [file = '', line = ''] = wanted.split(':');
  const transform = (code: string, id: string) => (id.split('?')[0] === join(root, file) ? withoutProtection(code, Number(line)) : undefined);
  return [{ name: 'without-line', enforce: 'pre', transform }];
}
