/** What is wanted of a new key, as it is put together step by step. */
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import type { Algorithm, Purpose } from '../../shared/model/terms.ts';
import { proposedFor } from '../parts/algorithmText.ts';

export interface Wanted {
  readonly purpose: Purpose;
  readonly algorithm: Algorithm;
  readonly name: string;
  readonly place: string;
  readonly exportable: boolean;
  readonly inactive: boolean;
  readonly originatorDays: number;
  readonly recipientDays: number;
  readonly useLimit: number | undefined;
}

export type Change = (change: Partial<Wanted>) => void;

/** What the standard suggests for a purpose, SP 800-57 Part 1 Table 1. */
export function suggested(purpose: Purpose): Pick<Wanted, 'purpose' | 'algorithm' | 'originatorDays' | 'recipientDays'> {
  const { originatorUsageDays, recipientUsageDays } = purposeFacts[purpose];
  return { purpose, algorithm: proposedFor(purpose), originatorDays: originatorUsageDays, recipientDays: recipientUsageDays };
}
