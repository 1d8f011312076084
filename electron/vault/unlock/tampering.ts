/** Names what another program did to the rows: the log knows which rows there should be, and each row's element of the digest. */
import { equalBytes } from '../crypto/bytes.ts';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Touched } from './entryBlob.ts';

export function tampered(what: string): StrongroomError {
  return new StrongroomError('vault-tampered', `the vault was changed by another program: ${what}`, {
    nextStep: 'do not use it; keep the file for an inquiry, and restore a backup or salvage what still opens',
  });
}

/** What to call the rows of a table. */
const tableWords: Readonly<Record<string, string>> = {
  header: 'the header',
  access: 'a way in',
  root: 'a root',
  materialKey: 'the key of some key material',
  material: 'some key material',
};

function rowWords(name: string): string {
  const [table = '', id = ''] = name.split('/');
  return tableWords[table] ?? `the row ${id.slice(0, 8)} of the table "${table}"`;
}

function remember(earlier: Map<string, Uint8Array[]>, row: string, element: Uint8Array): void {
  const elements = earlier.get(row);
  if (elements === undefined) earlier.set(row, [element]);
  else elements.push(element);
}

/** All elements that the log says a row ever had, newest last. */
export function historyOf(log: Iterable<Touched>): { readonly expected: Map<string, Uint8Array>; readonly earlier: Map<string, Uint8Array[]> } {
  const expected = new Map<string, Uint8Array>();
  const earlier = new Map<string, Uint8Array[]>();
  for (const touched of log) {
    for (const [row, element] of touched) {
      const before = expected.get(row);
      if (before !== undefined) remember(earlier, row, before);
      if (element === undefined) expected.delete(row);
      else expected.set(row, element);
    }
  }
  return { expected, earlier };
}

/** One phrase per row that is not as the log has it: edited, rolled back, removed, added. */
export function nameTampering(log: Iterable<Touched>, actual: ReadonlyMap<string, Uint8Array>): readonly string[] {
  const { expected, earlier } = historyOf(log);
  const found: string[] = [];
  for (const [row, element] of expected) {
    const here = actual.get(row);
    if (here === undefined) found.push(`${rowWords(row)} was removed`);
    else if (!equalBytes(here, element)) found.push(`${rowWords(row)} was ${(earlier.get(row) ?? []).some((old) => equalBytes(old, here)) ? 'rolled back' : 'edited'}`);
  }
  for (const [row, element] of actual) {
    if (expected.has(row)) continue;
    found.push((earlier.get(row) ?? []).some((old) => equalBytes(old, element)) ? `${rowWords(row)} was put back after it had been removed` : `${rowWords(row)} was added`);
  }
  return found;
}
