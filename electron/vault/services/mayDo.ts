/** What may be done with the newest version of a key now, and why not: the rules themselves, asked in advance. */
import { algorithmFacts, purposeFacts } from '../../../shared/lifecycle/purposes.ts';
import { findTransition } from '../../../shared/lifecycle/stateModel.ts';
import type { KeyState } from '../../../shared/model/terms.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import type { KeyRecord, UsageRecord, VersionRecord } from '../records/records.ts';
import { allowTravel } from '../rules/allowExport.ts';
import { allowTransition } from '../rules/allowTransition.ts';
import { allowUse } from '../rules/allowUse.ts';

export interface Possible {
  readonly act: string;
  readonly allowed: boolean;
  readonly why?: string;
}

function ask(act: string, rule: () => void): Possible {
  try {
    rule();
    return { act, allowed: true };
  } catch (error) {
    return { act, allowed: false, why: toErrorInfo(error).message };
  }
}

const moves: readonly (readonly [act: string, to: KeyState])[] = [
  ['activate', 'active'],
  ['suspend', 'suspended'],
  ['resume', 'active'],
  ['deactivate', 'deactivated'],
  ['declare compromised', 'compromised'],
  ['destroy', 'destroyed'],
];

export function mayDo(key: KeyRecord, version: VersionRecord, usage: UsageRecord, now: number): Possible[] {
  const uses = purposeFacts[key.purpose].operations.map((operation) => ask(operation, () => allowUse({ operation, key, version, usage, count: 1, now })));
  const travels = ask('export or wrap', () => allowTravel({ key, version }, algorithmFacts[key.algorithm].kind === 'pair' ? 'rsa-aes-kwp-sha256' : 'aes-kwp'));
  const possible = moves.filter(([act, to]) => findTransition(version.state, to) !== undefined && (act !== 'resume' || version.state === 'suspended') && (act !== 'activate' || version.state === 'pre-activation'));
  return [...uses, travels, ...possible.map(([act, to]) => ask(act, () => allowTransition(version, to, 'asked in advance', now)))];
}
