/** The project's own files, as git has them and as they are about to be added, and the syntax tree of those that are code. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseSync } from 'vite';

export const root = join(import.meta.dirname, '../..');

/** A node of the syntax tree (ESTree with TypeScript's types). */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface SourceFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly program: SyntaxNode;
}

const codeEndings = new Set(['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs']);

/** Every file that git tracks or would add. @throws Error outside a git repository: a check that reads nothing must not pass */
export function projectFiles(): readonly string[] {
  const listed = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path))).sort();
}

export function isCode(path: string): boolean {
  return codeEndings.has(extname(path));
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** A node and all below it, in the order of the text. */
export function* nodesOf(value: unknown): Generator<SyntaxNode> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodesOf(item);
  } else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) if (typeof child === 'object') yield* nodesOf(child);
  }
}

/** @throws Error for text that is not a program */
export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return { path, text, program: program as unknown as SyntaxNode };
}

/** Every file of code, parsed. */
export function codeFiles(): readonly SourceFile[] {
  return projectFiles().filter(isCode).map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}

export function lineOf({ text }: Pick<SourceFile, 'text'>, { start }: Pick<SyntaxNode, 'start'>): number {
  return text.slice(0, start).split('\n').length;
}

/** The text of a string literal or of a template without expressions. */
export function stringOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Literal') return typeof value['value'] === 'string' ? value['value'] : undefined;
  if (value.type !== 'TemplateLiteral') return undefined;
  const [quasi, ...more] = value['quasis'] as readonly { value: { cooked: string } }[];
  return more.length === 0 ? quasi?.value.cooked : undefined;
}

/** The dotted name of an expression: `process.getBuiltinModule`, `require`. */
export function dottedName(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Identifier') return String(value['name']);
  if (value.type === 'MetaProperty') return 'import.meta';
  if (value.type !== 'MemberExpression' || value['computed'] === true) return undefined;
  const [object, property] = [dottedName(value['object']), dottedName(value['property'])];
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}
