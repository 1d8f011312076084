/** The name of a key, whether it may leave, and how long it may be used. */
import { Checkbox, NumberInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { day } from '../parts/text.ts';
import type { Change, Wanted } from './wanted.ts';

export function TermsStep({ wanted, change, fault }: { readonly wanted: Wanted; readonly change: Change; readonly fault: string | undefined }): ReactElement {
  const now = Date.now();
  const ends = (days: number) => day(now + days * 86_400_000);
  return (
    <>
      <TextInput label="Name" description="It is in every log entry and prompt, and sealed in the vault file." value={wanted.name} error={fault} onChange={(event) => change({ name: event.currentTarget.value })} data-autofocus />
      <Checkbox label="Let it be wrapped out of its place" description="Only to a recipient whose fingerprint was confirmed, under another key, or to another token. Without this it never leaves, and that cannot be changed later." checked={wanted.exportable} onChange={(event) => change({ exportable: event.currentTarget.checked })} />
      <NumberInput label="Days in which it may protect (originator-usage period)" description={`To ${ends(wanted.originatorDays)}. SP 800-57 suggests ${purposeFacts[wanted.purpose].originatorUsageDays}.`} min={1} max={36_500} value={wanted.originatorDays} onChange={(value) => typeof value === 'number' && change({ originatorDays: value })} />
      <NumberInput label="Days in which what it protected may be processed (recipient-usage period)" description={`To ${ends(wanted.recipientDays)}. SP 800-57 suggests ${purposeFacts[wanted.purpose].recipientUsageDays}.`} min={1} max={36_500} value={wanted.recipientDays} onChange={(value) => typeof value === 'number' && change({ recipientDays: value })} />
      <NumberInput label="The most uses to protect by one version (may be left out)" description="Counted in this copy of the vault." min={1} max={2 ** 32} value={wanted.useLimit ?? ''} onChange={(value) => change({ useLimit: typeof value === 'number' ? value : undefined })} />
      <Checkbox label="Leave it in pre-activation" description="It protects nothing, and no period runs, until it is activated." checked={wanted.inactive} onChange={(event) => change({ inactive: event.currentTarget.checked })} />
    </>
  );
}
