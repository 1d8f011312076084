/** The table of claims: rule, what it claims, where the code refuses by it, and the tests whose titles name it. */
import { rules } from '../../shared/rules/ruleIds.ts';
import type { RuleId } from '../../shared/rules/ruleIds.ts';
import type { SourceFile, SyntaxNode } from './sourceTree.ts';
import { dottedName, nodesOf, stringOf } from './sourceTree.ts';

export const ruleIds = Object.keys(rules) as readonly RuleId[];

/** Rules that refuse without their name: where, and by which words of the code. */
export const refusedWithoutName: Partial<Readonly<Record<RuleId, { readonly files: readonly string[]; readonly by: string; readonly why: string }>>> = {
  'KEY-IMPORT-1': {
    files: ['electron/vault/providers/software/softwareProvider.ts', 'electron/vault/providers/pkcs11/tokenMaking.ts'],
    by: 'unwrap-failed',
    why: 'every failure to unwrap has one code and one text; a rule by name would tell an attacker which check failed',
  },
  'PROMPT-1': {
    files: ['electron/host/window/promptDesk.ts'],
    by: 'answer.sitting === sitting.id',
    why: 'an answer that does not count is passed over: there is nobody to be told',
  },
};

export interface Shown {
  readonly file: string;
  readonly title: string;
}

export interface Claim {
  readonly rule: RuleId;
  readonly claim: string;
  readonly refusedIn: readonly string[];
  readonly shownBy: readonly Shown[];
}

/** The rules that a text names as whole words. */
export function rulesNamed(text: string): readonly RuleId[] {
  return ruleIds.filter((id) => new RegExp(`(?<![\\w-])${id}(?![\\w-])`).test(text));
}

/** `test`, `it` and `describe`, also behind `.each(…)` and `.runIf(…)`. */
function isTestCall(callee: unknown): boolean {
  let inner = callee as SyntaxNode;
  while (inner.type === 'CallExpression' || inner.type === 'MemberExpression') inner = (inner['callee'] ?? inner['object']) as SyntaxNode;
  return ['test', 'it', 'describe'].includes(dottedName(inner) ?? '');
}

function titleOf(argument: unknown): string | undefined {
  const quasis = (argument as SyntaxNode | undefined)?.['quasis'] as readonly { value: { cooked: string } }[] | undefined;
  return stringOf(argument) ?? quasis?.map(({ value }) => value.cooked).join('…');
}

/** The titles of the tests and chapters of a file. */
export function titlesOf(file: SourceFile): readonly string[] {
  return [...nodesOf(file.program)].flatMap((node) => {
    if (node.type !== 'CallExpression' || !isTestCall(node['callee'])) return [];
    const [first, ...rest] = node['arguments'] as readonly unknown[];
    const title = rest.length === 0 ? undefined : titleOf(first);
    return title === undefined ? [] : [title];
  });
}

function refuses(file: SourceFile, rule: RuleId): boolean {
  return /^electron\/(?!build\/|cli\/demo\/)/.test(file.path) && [...nodesOf(file.program)].some((node) => node.type === 'Literal' && node['value'] === rule);
}

/** One claim for each rule, from the code as it is. */
export function claimsOf(files: readonly SourceFile[]): readonly Claim[] {
  const shown = files.filter(({ path }) => path.startsWith('test/')).flatMap((file) => titlesOf(file).map((title) => ({ file: file.path, title })));
  return ruleIds.map((rule) => ({
    rule,
    claim: rules[rule],
    refusedIn: [...files.filter((file) => refuses(file, rule)).map(({ path }) => path), ...(refusedWithoutName[rule]?.files ?? [])],
    shownBy: shown.filter(({ title }) => rulesNamed(title).includes(rule)),
  }));
}

const escaped = (text: string): string => text.replaceAll('|', '\\|');
const places = (paths: readonly string[]): string => paths.map((path) => `\`${path}\``).join('<br>');

export function renderClaims(claims: readonly Claim[]): string {
  const rows = claims.map(({ rule, claim, refusedIn, shownBy }) => `| \`${rule}\` | ${escaped(claim)} | ${places(refusedIn)} | ${shownBy.map(({ file, title }) => `\`${file}\` ${escaped(title)}`).join('<br>')} |`);
  return `# Claims

Every rule by which Strongroom refuses, where the code refuses by it, and the tests whose titles name it.
Made by \`npm run claims\` from \`shared/rules/ruleIds.ts\`, the code and the titles; \`test/house/claims.test.ts\` holds it against them.

| rule | claim | refused in | shown by |
|---|---|---|---|
${rows.join('\n')}
`;
}

/** The rows of a table that was written by `renderClaims`. */
export function readClaims(text: string): readonly { readonly rule: string; readonly claim: string; readonly refusedIn: readonly string[]; readonly shownBy: readonly Shown[] }[] {
  return text.split('\n').filter((line) => line.startsWith('| `')).map((line) => {
    const [rule = '', claim = '', refusedIn = '', shownBy = ''] = line.slice(2, -2).split(/(?<!\\) \| /);
    const list = (cell: string) => cell.split('<br>').filter((part) => part !== '');
    return {
      rule: rule.replaceAll('`', ''),
      claim: claim.replaceAll('\\|', '|'),
      refusedIn: list(refusedIn).map((path) => path.replaceAll('`', '')),
      shownBy: list(shownBy).map((part) => ({ file: /`(.*?)`/.exec(part)?.[1] ?? '', title: part.replace(/^`.*?` /, '').replaceAll('\\|', '|') })),
    };
  });
}
