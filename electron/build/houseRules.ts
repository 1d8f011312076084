/** The rules of the house that a reader of files can check: lengths, names, opening comments, words, and calls that are not made. */
import { posix } from 'node:path';
import type { SourceFile, SyntaxNode } from './sourceTree.ts';
import { dottedName, lineOf, nodesOf } from './sourceTree.ts';
import { needVectorsBeside } from './vectorsBeside.ts';

const functionLines = 60;
const fileLines = 400;

const inTests = (path: string): boolean => path.startsWith('test/');
const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Functions longer than the limit. */
export function longFunctions(file: SourceFile): readonly string[] {
  return [...nodesOf(file.program)].flatMap((node) => {
    const lines = file.text.slice(node.start, node.end).split('\n').length;
    const long = functionTypes.has(node.type) && lines > functionLines && !(inTests(file.path) && holdsTests(node));
    return long ? [`${file.path}:${lineOf(file, node)}: a function of ${lines} lines, at most ${functionLines}`] : [];
  });
}

/** A function that declares tests is a chapter of them. */
function holdsTests(node: SyntaxNode): boolean {
  return [...nodesOf(node)].some((inner) => inner.type === 'CallExpression' && inner !== node && /^(test|it)(\.|$)/.test(dottedName(inner['callee']) ?? ''));
}

export function shapeFaults({ path, text }: Pick<SourceFile, 'path' | 'text'>): readonly string[] {
  const lines = text.trimEnd().split('\n').length;
  const opens = /^(#!.*\n)?\/[/*]/.test(text);
  return [...(opens ? [] : [`${path}: does not open with a comment that says its purpose`]), ...(lines > fileLines ? [`${path}: ${lines} lines, at most ${fileLines}`] : [])];
}

const codeName = /^([a-z][a-zA-Z0-9]*|[a-z][a-zA-Z0-9]*\.(test|d)|[a-zA-Z][a-zA-Z0-9.]*\.config)\.(ts|cts|mts|cjs|mjs)$/;
const componentName = /^([A-Z][a-zA-Z0-9]*|main|[a-z][a-zA-Z0-9]*\.test|use[A-Z][a-zA-Z0-9]*)\.tsx$/;
const migrationName = /^\d{4}-[a-z][a-z0-9-]*\.ts$/;
const emptyWord = /^(utils?|misc|common|helpers?|stuff|.*(Utils?|Helpers?|Manager))$/;

/** camelCase files, PascalCase components, and no name that says nothing. */
export function nameFaults(path: string): readonly string[] {
  const name = posix.basename(path);
  const shaped = (path.includes('/migrations/') ? migrationName : name.endsWith('.tsx') ? componentName : codeName).test(name);
  const empty = path.split('/').map((part) => part.replace(/\..*$/, '')).filter((part) => emptyWord.test(part));
  return [...(shaped ? [] : [`${path}: expected a camelCase name`]), ...empty.map((part) => `${path}: "${part}" does not say what is in it`)];
}

const declarations = new Set(['FunctionDeclaration', 'ClassDeclaration', 'TSInterfaceDeclaration', 'TSTypeAliasDeclaration']);

/** Functions and types with a name that says nothing: `KeyManager`, `formatUtils`. */
export function emptyDeclarations(file: SourceFile): readonly string[] {
  return [...nodesOf(file.program)].flatMap((node) => {
    const name = declarations.has(node.type) ? dottedName(node['id']) : undefined;
    return name !== undefined && emptyWord.test(name) ? [`${file.path}:${lineOf(file, node)}: "${name}" does not say what it is`] : [];
  });
}

/** Words that a file of the project never has. The project speaks of itself only, and runs anywhere. */
export const foreignWords: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /(?<![\w.)\]}$~*/-])\/((work|root|mnt)\b|(Users|home)\/(?!x\b)\w)/, why: 'a path of one machine' },
  { pattern: /\b[A-Z]:\\+(Users|home|tmp|temp)\b/i, why: 'a path of one machine' },
  { pattern: /https?:\/\/(?!registry\.npmjs\.org\b)[\w.-]*(registry|artifactory|nexus|verdaccio|npm-proxy)[\w.-]*/i, why: 'a registry other than the public one' },
  { pattern: /https?:\/\/(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/, why: 'an address of one network' },
  { pattern: /\b(issue|ticket|PR|pull request) ?#\d+/i, why: 'the tracker is not part of the project' },
  { pattern: /\b(coding|working|previous|earlier|my|our) session\b/i, why: 'how the project was made is not part of it' },
  { pattern: /\b(language[ ]model|coding[ ]agent|AI[ ]assistant|sub-?agent|co-?developer)\b/i, why: 'how the project was made is not part of it' },
  { pattern: /\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/, why: 'what is missing is said where it is planned' },
];

export function wordFaults(path: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    foreignWords.filter(({ pattern }) => pattern.test(line)).map(({ pattern, why }) => `${path}:${index + 1}: "${pattern.exec(line)?.[0]}": ${why}`),
  );
}

/** Where a copy in Buffer's shared pool would leave a secret behind. */
export const secretFolders = ['electron/vault/crypto', 'electron/vault/unlock', 'electron/vault/store', 'electron/vault/providers/software'] as const;

/** Copies that are no secret. */
export const publicCopies: readonly { readonly file: string; readonly call: string; readonly why: string }[] = [
  { file: 'electron/vault/crypto/passphraseKey.ts', call: 'Buffer.from(salt)', why: 'a salt is stored in the clear' },
];

const copying = new Set(['Buffer.from', 'Buffer.concat', 'Buffer.allocUnsafe']);

/** `Buffer.from(x.buffer, …)` is a view on the same bytes, not a copy. */
function isView(node: SyntaxNode): boolean {
  return dottedName(node['callee']) === 'Buffer.from' && dottedName((node['arguments'] as readonly unknown[])[0])?.endsWith('.buffer') === true;
}

/** Calls that may copy a secret into a shared pool, without those that are listed. */
export function pooledCopies(file: SourceFile): readonly string[] {
  if (!secretFolders.some((folder) => file.path.startsWith(`${folder}/`))) return [];
  return [...nodesOf(file.program)].flatMap((node) => {
    if (node.type !== 'CallExpression' || !copying.has(dottedName(node['callee']) ?? '') || isView(node)) return [];
    const call = file.text.slice(node.start, node.end);
    return publicCopies.some((known) => known.file === file.path && known.call === call) ? [] : [`${file.path}:${lineOf(file, node)}: ${call}: a copy in the shared pool cannot be wiped`];
  });
}

/** Math.random where it could be taken for chance; tests that do not run, or run alone. */
export function forbiddenCalls(file: SourceFile): readonly string[] {
  const forbidden = inTests(file.path) ? /^(test|it|describe)\b.*\.(only|skip|todo|skipIf|runIf|fails)$/ : /^Math\.random$/;
  return [...nodesOf(file.program)].flatMap((node) => {
    const name = node.type === 'MemberExpression' ? dottedName(node) : undefined;
    if (name === undefined || !forbidden.test(name) || (name.endsWith('.runIf') && needVectorsBeside.includes(file.path))) return [];
    return [`${file.path}:${lineOf(file, node)}: "${name}"`];
  });
}
