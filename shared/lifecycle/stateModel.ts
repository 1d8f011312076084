/**
 * The state machine of a key version as data: SP 800-57 Part 1 Rev. 5 §7.
 * An edge that is not in the table is refused (rule KEY-STATE-1).
 */
import type { KeyState } from '../model/terms.ts';

/** What the table is named by, in records that outlive this version of it. @public */
export const stateModelVersion = 'sp800-57-rev5';

export interface Transition {
  readonly from: KeyState;
  readonly to: KeyState;
  /** The words of the standard, in short. */
  readonly basis: string;
  /** `clock`: due without a person when a period ends. */
  readonly who: 'officer' | 'clock';
  readonly reasonNeeded: boolean;
  /** A notice is owed where others know the key. */
  readonly noticeNeeded: boolean;
}

export const transitions: readonly Transition[] = [
  { from: 'pre-activation', to: 'active', basis: 'activation date or event', who: 'officer', reasonNeeded: false, noticeNeeded: false },
  { from: 'pre-activation', to: 'compromised', basis: 'integrity or confidentiality suspect', who: 'officer', reasonNeeded: true, noticeNeeded: true },
  { from: 'pre-activation', to: 'destroyed', basis: 'never going to be needed', who: 'officer', reasonNeeded: true, noticeNeeded: false },
  { from: 'active', to: 'suspended', basis: 'use is to rest for a time', who: 'officer', reasonNeeded: true, noticeNeeded: true },
  { from: 'active', to: 'deactivated', basis: 'end of originator-usage period, or replaced', who: 'clock', reasonNeeded: false, noticeNeeded: false },
  { from: 'active', to: 'compromised', basis: 'integrity or confidentiality suspect', who: 'officer', reasonNeeded: true, noticeNeeded: true },
  { from: 'active', to: 'destroyed', basis: 'no compromise, and cryptoperiod reached or replaced', who: 'officer', reasonNeeded: true, noticeNeeded: false },
  { from: 'suspended', to: 'active', basis: 'the reason is gone, before the end of the originator-usage period', who: 'officer', reasonNeeded: true, noticeNeeded: false },
  { from: 'suspended', to: 'deactivated', basis: 'no longer suspended, and the originator-usage period ended', who: 'officer', reasonNeeded: false, noticeNeeded: false },
  { from: 'suspended', to: 'compromised', basis: 'suspect or confirmed', who: 'officer', reasonNeeded: true, noticeNeeded: true },
  { from: 'suspended', to: 'destroyed', basis: 'no compromise, at the end of the originator-usage period', who: 'officer', reasonNeeded: true, noticeNeeded: false },
  { from: 'deactivated', to: 'compromised', basis: 'suspect', who: 'officer', reasonNeeded: true, noticeNeeded: true },
  { from: 'deactivated', to: 'destroyed', basis: 'no longer needed', who: 'officer', reasonNeeded: true, noticeNeeded: false },
  { from: 'compromised', to: 'destroyed', basis: 'no longer needed or not allowed', who: 'officer', reasonNeeded: true, noticeNeeded: false },
];

/** The edge from one state to another, where the model has one. */
export function findTransition(from: KeyState, to: KeyState): Transition | undefined {
  return transitions.find((edge) => edge.from === from && edge.to === to);
}

/** What a state lets a key version do: `protect` (encrypt, sign, wrap) and `process` (decrypt, verify, unwrap). */
export const stateAllows: Readonly<Record<KeyState, { readonly protect: boolean; readonly process: boolean }>> = {
  'pre-activation': { protect: false, process: false },
  active: { protect: true, process: true },
  // §7.3: what was protected before may be processed, at an accepted risk.
  suspended: { protect: false, process: true },
  deactivated: { protect: false, process: true },
  // §7.5: only under highly controlled conditions: Strongroom asks for the acceptance by name at each use.
  compromised: { protect: false, process: true },
  destroyed: { protect: false, process: false },
};
