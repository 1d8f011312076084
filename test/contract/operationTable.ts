/**
 * What a module does, operation by operation, as the run finds it. `works` was seen to work and checked in software; `refused by the module` is a
 * CKR_ number, of the call itself or of the probe before it; `refused by us` is this product's own rule; `not there` is a mechanism that the module does not list.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mechanisms } from '../../electron/vault/providers/pkcs11/mechanismList.ts';
import { TokenRefusal } from '../../electron/vault/providers/pkcs11/tokenRefusal.ts';
import { columnOf } from '../../electron/build/modulesPage.ts';
import type { GuardFinding } from '../../electron/vault/providers/provider.ts';
import type { GuardOutcome, ModuleColumn, Outcome } from '../../electron/build/modulesPage.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';

export interface Operation {
  readonly name: string;
  /** CKM_ numbers of which one must be listed. */
  readonly mechanisms: readonly number[];
  /** Not done on such a token, whatever it lists, and not tried either. */
  readonly ours?: () => Promise<boolean>;
  /** Resolves where it worked and the result was checked. @throws what refused it */
  readonly attempt: () => Promise<void>;
}

/** @throws what is no refusal: an operation that worked and gave a wrong result is none of the four */
export async function outcomeOf({ mechanisms, ours, attempt }: Operation, listed: Mechanisms): Promise<Outcome> {
  try {
    await attempt();
    return 'works';
  } catch (error) {
    if (!isStrongroomError(error)) throw error;
    if (error instanceof TokenRefusal) return 'refused by the module';
    if (mechanisms.length > 0 && !listed.some(({ type }) => mechanisms.includes(type))) return 'not there';
    // What is listed and not offered was tried by the probe, and refused.
    return (await ours?.()) !== true && error.code === 'token-cannot' ? 'refused by the module' : 'refused by us';
  }
}

const folder = join(import.meta.dirname, '../../out/modules');
const page = join(import.meta.dirname, '../../electron/vault/providers/pkcs11/MODULES.md');

/** For `npm run modules` and for other programs. */
export function writeColumn(column: ModuleColumn): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${column.module.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}.json`), `${JSON.stringify(column, undefined, 2)}\n`);
}

/** As the page has it. */
export function guardOutcome({ stored, enforced }: Pick<GuardFinding, 'stored' | 'enforced'>): GuardOutcome {
  if (stored === undefined) return 'not tried';
  if (!stored) return 'not stored';
  return enforced === undefined ? 'stored, not tried' : enforced ? 'stored and enforced' : 'stored, not enforced';
}

/** What the document says of a module. */
export function documentedColumn(module: string): ReturnType<typeof columnOf> {
  return columnOf(readFileSync(page, 'utf8'), module);
}
