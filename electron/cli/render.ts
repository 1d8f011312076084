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

/** One cell: a nested record by its name and what else tells it apart. */
function cell(value: unknown): string {
  if (value === undefined) return '';
  if (isPlain(value)) return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  if (Array.isArray(value)) return value.map(cell).join('; ');
  if (!isRecord(value)) return '';
  if (isPlain(value.name)) return String(value.name);
  return Object.entries(value).map(([name, inner]) => `${words(name)} ${cell(inner)}`).join(', ');
}

/** Long hex is shortened in tables only: `key show` and --json give all of it. */
function short(text: string): string {
  return /^[0-9a-f]{33,}$/.test(text) ? `${text.slice(0, 16)}…` : text;
}

function table(rows: readonly Record<string, unknown>[]): string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) => column !== 'id');
  const cells = rows.map((row) => columns.map((column) => short(cell(row[column]))));
  const widths = columns.map((column, index) => Math.max(words(column).length, ...cells.map((line) => (line[index] ?? '').length)));
  const line = (parts: readonly string[]) => parts.map((part, index) => part.padEnd(widths[index] ?? 0)).join('  ').trimEnd();
  return [line(columns.map(words)), ...cells.map(line)];
}

function list(name: string, items: readonly unknown[], indent: string): string[] {
  if (items.length === 0) return [`${indent}${words(name)}: none`];
  const inner = `${indent}  `;
  const lines = items.every(isRecord) ? table(items) : items.map((item) => `- ${cell(item)}`);
  return [`${indent}${words(name)}:`, ...lines.map((text) => `${inner}${text}`)];
}

function record(value: Record<string, unknown>, indent: string): string[] {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const width = Math.max(0, ...entries.filter(([, inner]) => isPlain(inner)).map(([name]) => words(name).length));
  return entries.flatMap(([name, inner]) => {
    if (isPlain(inner)) return typeof inner === 'string' && inner.includes('\n') ? [`${indent}${words(name)}:`, inner.trimEnd()] : [`${indent}${words(name).padEnd(width)}  ${cell(inner)}`];
    if (Array.isArray(inner)) return list(name, inner, indent);
    return isRecord(inner) ? [`${indent}${words(name)}:`, ...record(inner, `${indent}  `)] : [];
  });
}

/** SECURITY: names and texts come from files and tokens too; nothing in them moves the cursor or changes the terminal. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === '\n' ? '\n' : '\ufffd'));
}

export function render(reply: unknown): string {
  return isRecord(reply) ? harmless(`${record(reply, '').join('\n')}\n`) : '';
}

/** A failed command: what happened, and what can be done. */
export function renderError({ message, nextStep, rule }: { readonly message: string; readonly nextStep?: string; readonly rule?: string }): string {
  return harmless(`strongroom: ${message}${rule === undefined ? '' : ` [${rule}]`}\n${nextStep === undefined ? '' : `  next: ${nextStep}\n`}`);
}
