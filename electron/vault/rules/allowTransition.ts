/** Rules KEY-STATE-*: whether a key version may go from its state to another. */
import { refusal } from '../../../shared/errors/strongroomError.ts';
import { findTransition, transitions } from '../../../shared/lifecycle/stateModel.ts';
import type { KeyState } from '../../../shared/model/terms.ts';
import type { VersionRecord } from '../records/records.ts';

/** @throws `refused` KEY-STATE-1 for an edge that SP 800-57 does not have, KEY-STATE-2 for a missing reason, KEY-USE-ORIGINATOR-PERIOD for a resumption too late */
export function allowTransition(version: VersionRecord, to: KeyState, reason: string | undefined, now: number): void {
  const edge = findTransition(version.state, to);
  if (edge === undefined) throw refusal('KEY-STATE-1', `a key version goes from ${version.state} to ${waysOut(version.state)}, not to ${to}`, nextStepFrom(version.state));
  if (edge.reasonNeeded && reason === undefined) throw refusal('KEY-STATE-2', `going from ${version.state} to ${to} needs a "reason"`, 'give one with --reason');
  if (version.state === 'suspended' && to === 'active' && version.originatorEnd !== undefined && now >= version.originatorEnd)
    throw refusal('KEY-USE-ORIGINATOR-PERIOD', 'the originator-usage period ended while the version was suspended: it cannot be active again', 'deactivate it, or rotate');
}

function nextStepFrom(state: KeyState): string {
  return state === 'destroyed' ? 'nothing is left to be done with it: where the key is still needed, another version or a new key serves' : 'see its states with `key show`';
}

function waysOut(from: KeyState): string {
  const ways = transitions.filter((edge) => edge.from === from).map((edge) => edge.to);
  return ways.length === 0 ? 'nowhere' : ways.join(' or ');
}
