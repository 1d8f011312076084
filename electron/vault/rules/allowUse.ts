/** Rules KEY-USE-*: whether a key version may be used now, for this. Checked before every use; throws, and never answers yes or no. */
import { refusal } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts, gcmInvocationLimit, mechanismsOf, operationClass, purposeFacts } from '../../../shared/lifecycle/purposes.ts';
import { stateAllows } from '../../../shared/lifecycle/stateModel.ts';
import type { Operation } from '../../../shared/model/terms.ts';
import type { KeyRecord, UsageRecord, VersionRecord } from '../records/records.ts';

export interface Use {
  readonly operation: Operation;
  readonly key: KeyRecord;
  readonly version: VersionRecord;
  readonly usage: UsageRecord;
  /** How many times in one go. */
  readonly count: number;
  /** A trusted time (rule TIME-1), milliseconds since 1970. */
  readonly now: number;
  /** The name of the key, where a person accepts the use of a compromised version (SP 800-57 Part 1 §7.5). */
  readonly acceptCompromised?: string | undefined;
  /** The key signs the request for its own certificate, as proof of possession. */
  readonly proof?: boolean | undefined;
}

/** The most protections by one version: what was set for the key, and what GCM with random nonces allows (SP 800-38D §8.3). */
export function protectionLimit(key: KeyRecord, operation: Operation): number | undefined {
  if (operationClass[operation] !== 'protect') return undefined;
  const ofAlgorithm = operation === 'encrypt' ? gcmInvocationLimit : undefined;
  const limits = [key.useLimit, ofAlgorithm].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** @throws `refused` with the rule that says no */
export function allowUse(use: Use): void {
  allowPurpose(use);
  allowState(use);
  allowClocks(use);
  allowCount(use);
}

function nameOf({ key, version }: Use): string {
  return `"${key.name}" version ${version.number}`;
}

/** SP 800-57 Part 1 Rev. 5 §5.2: a key for transport or agreement may sign the request for its own certificate, and nothing else. In its token it may not: its attributes forbid it. */
function allowProof(key: KeyRecord): void {
  const { operations } = purposeFacts[key.purpose];
  if (operations.includes('sign')) return;
  const named = `"${key.name}" is a ${key.purpose} key`;
  if (algorithmFacts[key.algorithm].kind === 'secret') throw refusal('KEY-USE-PURPOSE', `${named}: a secret key has no certificate`, 'ask for one of a pair');
  if (mechanismsOf(key.algorithm).length === 0) throw refusal('KEY-USE-PURPOSE', `${named} by ${key.algorithm}, which signs nothing: it cannot sign its own certificate request`, 'give its public half to the authority by `key public`, and ask how it takes proof of possession (RFC 4211 §4)');
  if (key.place.kind === 'pkcs11') throw refusal('KEY-USE-PURPOSE', `${named}: its token lets it ${operations.join(' and ')} only (no CKA_SIGN), so it cannot sign its own certificate request`, 'give its public half to the authority by `key public`, and ask how it takes proof of possession');
}

function allowPurpose({ key, operation, proof }: Use): void {
  if (proof === true) return allowProof(key);
  const { operations } = purposeFacts[key.purpose];
  if (!operations.includes(operation))
    throw refusal('KEY-USE-PURPOSE', `"${key.name}" is a ${key.purpose} key: it may ${operations.join(' and ')}, not ${operation}`, 'use a key of the right purpose');
}

const laterSteps: Readonly<Record<string, string>> = {
  'pre-activation': 'activate it with `key activate`',
  suspended: 'resume it with `key resume`, or use the newest version',
  deactivated: 'use the newest version, or rotate with `key rotate`',
  compromised: 'rotate with `key rotate`',
  destroyed: 'nothing brings it back; use the newest version',
};

function allowState(use: Use): void {
  const { key, version, operation, proof } = use;
  const { state } = version;
  if (proof === true && state === 'pre-activation') return; // SP 800-57 Part 1 Rev. 5 §7.1: proof of possession is what a key may do before it is activated
  const allowed = stateAllows[state][operationClass[operation]];
  if (!allowed) throw refusal('KEY-USE-STATE', `${nameOf(use)} is ${state}: it may not ${operation}`, laterSteps[state]);
  if (state !== 'compromised' || use.acceptCompromised === key.name) return;
  throw refusal('KEY-USE-STATE', `${nameOf(use)} is compromised: what it protected may be forged or known`, 'accept that by giving the name of the key with --accept-compromised');
}

function allowClocks(use: Use): void {
  const { originatorEnd, recipientEnd } = use.version;
  const protects = operationClass[use.operation] === 'protect';
  if (protects && originatorEnd !== undefined && use.now >= originatorEnd)
    throw refusal('KEY-USE-ORIGINATOR-PERIOD', `the originator-usage period of ${nameOf(use)} ended on ${day(originatorEnd)}: it may not ${use.operation}`, 'rotate with `key rotate`');
  if (recipientEnd !== undefined && use.now >= recipientEnd)
    throw refusal('KEY-USE-RECIPIENT-PERIOD', `the recipient-usage period of ${nameOf(use)} ended on ${day(recipientEnd)}: it may not ${use.operation}`);
}

function allowCount(use: Use): void {
  const limit = protectionLimit(use.key, use.operation);
  if (limit === undefined || use.usage.protections + use.count <= limit) return;
  throw refusal('KEY-USE-LIMIT', `${nameOf(use)} has ${limit - use.usage.protections} of ${limit} protections left, ${use.count} asked for`, 'rotate with `key rotate`');
}

function day(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
