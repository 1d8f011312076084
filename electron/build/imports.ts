/** Every way in which a file of code names another: read from its syntax tree, types and workers included. */
import type { SourceFile, SyntaxNode } from './sourceTree.ts';
import { dottedName, lineOf, nodesOf, stringOf } from './sourceTree.ts';

export interface Import {
  /** `type`: gone when it runs. `all`: `export *`. `place`: `new URL(…, import.meta.url)`. `value`: all else. */
  readonly kind: 'value' | 'type' | 'all' | 'place';
  /** Undefined where it is computed. */
  readonly target: string | undefined;
  readonly line: number;
}

/** Functions whose first argument is a module. */
const importingCalls = new Set(['require', 'require.resolve', 'process.getBuiltinModule', 'import.meta.resolve', 'module.require', 'createRequire']);
const placingCalls = new Set(['URL', 'Worker', 'SharedWorker']);

const firstArgument = (node: SyntaxNode): unknown => (node['arguments'] as readonly unknown[])[0];

function isMetaUrl(node: SyntaxNode): boolean {
  return dottedName((node['arguments'] as readonly unknown[])[1]) === 'import.meta.url';
}

function callOf(node: SyntaxNode): Omit<Import, 'line'> | undefined {
  const callee = dottedName(node['callee']) ?? '';
  if (node.type === 'CallExpression') return importingCalls.has(callee) ? { kind: 'value', target: stringOf(firstArgument(node)) } : undefined;
  if (!placingCalls.has(callee)) return undefined;
  const target = stringOf(firstArgument(node));
  if (callee === 'URL') return isMetaUrl(node) ? { kind: 'place', target: target === undefined ? undefined : relative(target) } : undefined;
  return target === undefined ? undefined : { kind: 'value', target: relative(target) }; // a worker by URL is a place already
}

/** A URL beside this file may lack the dot that an import has. */
function relative(target: string): string {
  return /^(\.|[a-z]+:)/.test(target) ? target : `./${target}`;
}

function typeOnly(node: SyntaxNode, field: string): 'type' | 'value' {
  return node[field] === 'type' ? 'type' : 'value';
}

function importOf(node: SyntaxNode): Omit<Import, 'line'> | undefined {
  const target = stringOf(node['source']);
  switch (node.type) {
    case 'ImportDeclaration':
      return { kind: typeOnly(node, 'importKind'), target };
    case 'ExportNamedDeclaration':
      return node['source'] === null ? undefined : { kind: typeOnly(node, 'exportKind'), target };
    case 'ExportAllDeclaration':
      return { kind: 'all', target };
    case 'ImportExpression':
      return { kind: 'value', target };
    case 'TSImportType':
      return { kind: 'type', target };
    case 'TSExternalModuleReference':
      return { kind: 'value', target: stringOf(node['expression']) };
    case 'CallExpression':
    case 'NewExpression':
      return callOf(node);
    default:
      return undefined;
  }
}

export function importsOf(file: SourceFile): readonly Import[] {
  return [...nodesOf(file.program)].flatMap((node) => {
    const found = importOf(node);
    return found === undefined ? [] : [{ ...found, line: lineOf(file, node) }];
  });
}
