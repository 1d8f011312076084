/** What a file asks of `node:crypto`: names, algorithms, encodings and constants, read from its syntax tree and held against the allow-list. */
import { getCiphers, getCurves, getHashes } from 'node:crypto';
import { algorithms, encodings, nodeCryptoNames, ownWords, paddings } from '../../electron/build/cryptoAllowList.ts';
import type { Reasons } from '../../electron/build/cryptoAllowList.ts';
import { importsOf } from '../../electron/build/imports.ts';
import { dottedName, lineOf, nodesOf, stringOf } from '../../electron/build/sourceTree.ts';
import type { SourceFile, SyntaxNode } from '../../electron/build/sourceTree.ts';

const moreWords = ['rsa', 'rsa-pss', 'dsa', 'dh', 'ec', 'ed25519', 'ed448', 'x25519', 'x448', 'ml-kem-768', 'ml-dsa-65', 'hmac', 'aes', 'P-256', 'P-384', 'P-521', 'chacha20-poly1305'];
/** Every word by which the platform may be asked for an algorithm. */
const algorithmWords = new Set([...getHashes(), ...getCiphers(), ...getCurves(), ...moreWords].map((word) => word.toLowerCase()));

export interface Asked {
  /** `mention`: a word for an algorithm that stands outside a call. */
  readonly kind: 'name' | 'algorithm' | 'mention' | 'argument' | 'constant' | 'unreadable';
  readonly word: string;
  readonly line: number;
}

interface Specifier extends SyntaxNode {
  readonly importKind?: string;
  readonly imported?: SyntaxNode;
  readonly local: SyntaxNode;
}

function isCryptoModule(target: unknown): boolean {
  return target === 'node:crypto' || target === 'crypto';
}

export function importsCrypto(file: SourceFile): boolean {
  return importsOf(file).some(({ kind, target }) => kind !== 'type' && isCryptoModule(target));
}

/** Local name → name in `node:crypto`. */
function importedNames(file: SourceFile): { readonly names: ReadonlyMap<string, string>; readonly asked: readonly Asked[] } {
  const names = new Map<string, string>();
  const asked: Asked[] = [];
  for (const node of nodesOf(file.program)) {
    if (node.type !== 'ImportDeclaration' || node['importKind'] === 'type' || !isCryptoModule(stringOf(node['source']))) continue;
    for (const specifier of node['specifiers'] as readonly Specifier[]) {
      if (specifier.importKind === 'type') continue;
      const imported = dottedName(specifier.imported);
      const line = lineOf(file, specifier);
      if (imported === undefined) asked.push({ kind: 'unreadable', word: 'the whole of node:crypto', line });
      else asked.push({ kind: 'name', word: imported, line });
      names.set(dottedName(specifier.local) ?? '', imported ?? '');
    }
  }
  return { names, asked };
}

/** `const generate = promisify(generateKeyPair)`: the same function by another name. */
function withAliases(file: SourceFile, names: ReadonlyMap<string, string>): ReadonlySet<string> {
  const all = new Set(names.keys());
  for (const node of nodesOf(file.program)) {
    if (node.type !== 'VariableDeclarator') continue;
    const inside = [...nodesOf(node['init'])].slice(0, 4).some((inner) => inner.type === 'Identifier' && names.has(String(inner['name'])));
    const name = dottedName(node['id']);
    const called = dottedName((node['init'] as SyntaxNode | null)?.['callee']);
    if (name !== undefined && inside && (called === 'promisify' || called === undefined)) all.add(name);
  }
  return all;
}

function argumentsAsked(file: SourceFile, call: SyntaxNode): readonly Asked[] {
  return [...nodesOf(call['arguments'])].flatMap((node): readonly Asked[] => {
    const word = node.type === 'Literal' || node.type === 'TemplateLiteral' ? stringOf(node) : undefined;
    if (word !== undefined) return [{ kind: algorithmWords.has(word.toLowerCase()) ? 'algorithm' : 'argument', word, line: lineOf(file, node) }];
    return node.type === 'TemplateLiteral' ? [{ kind: 'unreadable', word: file.text.slice(node.start, node.end), line: lineOf(file, node) }] : [];
  });
}

/** Everything that a file asks for, in its own words. */
export function askedOf(file: SourceFile): readonly Asked[] {
  const { names, asked } = importedNames(file);
  const functions = withAliases(file, names);
  const inCode = [...nodesOf(file.program)].flatMap((node): readonly Asked[] => {
    const line = lineOf(file, node);
    if (node.type === 'CallExpression' && functions.has(dottedName(node['callee']) ?? '')) return argumentsAsked(file, node);
    const word = node.type === 'Literal' ? stringOf(node) : undefined;
    if (word !== undefined && algorithmWords.has(word.toLowerCase())) return [{ kind: 'mention', word, line }];
    const member = node.type === 'MemberExpression' ? dottedName(node) : undefined;
    const [object, property] = member?.split('.') ?? [];
    if (object !== undefined && names.get(object) === 'constants') return [{ kind: 'constant', word: property ?? '', line }];
    if (node.type === 'ImportExpression' && isCryptoModule(stringOf(node['source']))) return [{ kind: 'unreadable', word: 'import()', line }];
    return [];
  });
  return [...asked, ...inCode];
}

const lists: Readonly<Record<Asked['kind'], readonly Reasons[]>> = { name: [nodeCryptoNames], algorithm: [algorithms], mention: [algorithms, ownWords], argument: [encodings], constant: [paddings], unreadable: [] };

/** What the allow-list does not have. */
export function cryptoFaults(file: SourceFile): readonly string[] {
  const faults = askedOf(file).filter(({ kind, word }) => !lists[kind].some((list) => Object.hasOwn(list, word)));
  return [...new Set(faults.map(({ kind, word, line }) => `${file.path}:${line}: ${kind} "${word}" is not in electron/build/cryptoAllowList.ts`))];
}
