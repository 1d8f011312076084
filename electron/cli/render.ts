/** Replies for people: lines of name and value, tables for lists. For programs there is --json. */

type Plain = string | number | boolean;

function isPlain(value: unknown): value is Plain {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** `originatorUsageEnd` reads `originator usage end`. */
function words(name: string): string {
  return name.replace(/[A-Z0-9]+/g, (part, offset: number) => (offset === 0 ? part : ` ${part.toLowerCase()}`));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** To the minute, with its zone: programs get the whole of it with --json. */
function text(value: Plain): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const time = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d\.\d{3}Z$/.exec(String(value));
  return time === null ? String(value) : `${time[1]} ${time[2]} UTC`;
}

/** One cell: a nested record by its name, or by all that it says. */
function cell(value: unknown): string {
  if (isPlain(value)) return text(value);
  if (Array.isArray(value)) return value.map(cell).join('; ');
  if (!isRecord(value)) return '';
  if (isPlain(value.name)) return String(value.name);
  return Object.entries(value).map(([name, inner]) => (isPlain(inner) && !/^[0-9]|^[0-9a-f]{16,}$/.test(text(inner)) ? text(inner) : `${words(name)} ${short(cell(inner))}`)).join(', ');
}

/** What is compared with other programs' output is given whole. */
const whole = ['tag', 'sha256'];

/** Long hex is shortened in tables only: `key show` of one version and --json give all of it. */
function short(shown: string, column = ''): string {
  if (whole.includes(column)) return shown;
  return /^[0-9a-f]{25,}$/.test(shown) ? `${shown.slice(0, 16)}…` : shown;
}

/** What a table leaves out: it stands in --json and where the one thing is shown. */
const leftOut = ['id', 'ref', 'history', 'leaf', 'signer', 'epoch', 'modulePath', 'initialized', 'present', 'useLimit', 'digest'];

function table(rows: readonly Record<string, unknown>[]): string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) => !leftOut.includes(column));
  const cells = rows.map((row) => columns.map((column) => short(cell(row[column]), column)));
  const widths = columns.map((column, index) => Math.max(words(column).length, ...cells.map((line) => (line[index] ?? '').length)));
  const line = (parts: readonly string[]) => parts.map((part, index) => part.padEnd(widths[index] ?? 0)).join('  ').trimEnd();
  return [line(columns.map(words)), ...cells.map(line)];
}

function list(name: string, items: readonly unknown[], indent: string): string[] {
  if (items.length === 0) return [];
  const lines = items.every(isRecord) ? table(items) : items.map((item) => `- ${cell(item)}`);
  return [`${indent}${words(name)}:`, ...lines.map((shown) => `${indent}  ${shown}`)];
}

/** A record of a few plain fields fits on a line: a place, a date that is due, a person. */
function fitsLine(value: Record<string, unknown>): boolean {
  const fields = Object.values(value);
  return fields.length <= 3 && fields.every(isPlain);
}

function lineOf({ id: _, ...value }: Record<string, unknown>): string {
  const [first, ...rest] = Object.entries(value).sort(([a], [b]) => Number(b === 'name') - Number(a === 'name')).map(([, inner]) => text(inner as Plain));
  const others = rest.filter((other) => other !== first);
  return others.length === 0 ? `${first}` : `${first} (${others.join(', ')})`;
}

function record(value: Record<string, unknown>, indent: string): string[] {
  const entries = Object.entries(value).filter(([name, inner]) => inner !== undefined && name !== 'id');
  const onLine = (inner: unknown) => isPlain(inner) || (isRecord(inner) && fitsLine(inner));
  const width = Math.max(0, ...entries.filter(([, inner]) => onLine(inner)).map(([name]) => words(name).length));
  return entries.flatMap(([name, inner]) => {
    if (isPlain(inner)) return typeof inner === 'string' && inner.includes('\n') ? [`${indent}${words(name)}:`, inner.trimEnd()] : [`${indent}${words(name).padEnd(width)}  ${text(inner)}`];
    if (Array.isArray(inner)) return list(name, inner, indent);
    if (!isRecord(inner)) return [];
    return fitsLine(inner) ? [`${indent}${words(name).padEnd(width)}  ${lineOf(inner)}`] : [`${indent}${words(name)}:`, ...record(inner, `${indent}  `)];
  });
}

/** SECURITY: names and texts come from files and tokens too; nothing in them moves the cursor or changes the terminal. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === '\n' ? '\n' : '\ufffd'));
}

export function render(reply: unknown): string {
  if (!isRecord(reply)) return '';
  const lines = record(reply, '');
  return harmless(`${lines.length === 0 ? 'none' : lines.join('\n')}\n`);
}

/** A failed command: what happened, and what can be done. */
export function renderError({ message, nextStep, rule }: { readonly message: string; readonly nextStep?: string; readonly rule?: string }): string {
  return harmless(`strongroom: ${message}${rule === undefined ? '' : ` [${rule}]`}\n${nextStep === undefined ? '' : `  next: ${nextStep}\n`}`);
}

/** What an unlock found that a person should know. */
export function renderFinding(finding: string): string {
  return harmless(`strongroom: note: ${finding}\n`);
}
