/** What a person sees of some answers instead of all their fields: the log in sentences, a key file as it is, results beside the files that they are of. */
import type { MethodName, Reply } from '../../shared/ipc/contract.ts';
import { contract } from '../../shared/ipc/contract.ts';
import { outcomeOf, sentenceOfEntry, withIntents } from '../../shared/log/sentences.ts';
import { besides } from './request.ts';
import type { Typed } from './request.ts';

interface Item {
  readonly [field: string]: unknown;
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** Items of a batch, each with its file, and the file of its result where one was written: the core does not know what a caller calls them. */
export function withFiles(method: MethodName, typed: Typed, value: Record<string, unknown>): Record<string, unknown> {
  const [files, items] = [listOf(typed.files), listOf(value.items) as readonly Item[] | undefined];
  if (files === undefined || items === undefined || files.length !== items.length) return value;
  const written = Object.entries(contract[method].fields).find(([, field]) => 'besides' in field || field.grant === 'write');
  const results = written === undefined ? undefined : (listOf(typed[written[0]]) ?? listOf(besides(written[1], typed)));
  const place = (index: number, { ok }: Item) => (results === undefined || ok !== true ? {} : { result: results[index] });
  return { ...value, items: items.map((item, index) => ({ file: files[index], ...place(index, item), ...item })) };
}

/** The log as lines: when, what came of it, what it was. */
export function logLines({ entries }: Reply<'audit.list'>, keys: ReadonlyMap<string, string>): string {
  const names = withIntents(keys, entries);
  const lines = entries.map((entry) => `${String(entry.seq).padStart(6)}  ${entry.time.slice(0, 16).replace('T', ' ')} UTC  ${outcomeOf(entry).padEnd(7)}  ${sentenceOfEntry(entry, names)}\n`);
  return lines.length === 0 ? 'none\n' : lines.join('');
}

/** An answer that is told twice is told once: notes stand with the version and by themselves. */
export function once(value: Record<string, unknown>): Record<string, unknown> {
  const { version, notes } = value;
  if (typeof version !== 'object' || version === null || !('notes' in version) || JSON.stringify(version.notes) !== JSON.stringify(notes)) return value;
  const { notes: _, ...rest } = version;
  return { ...value, version: rest };
}
