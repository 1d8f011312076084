/** What a CKR_ number means here: for this operation and this module, where more is known than the standard says. */
import type { OperationName } from '../../../pkcs11-wire/messages.ts';
import type { ErrorCode } from '../../../../shared/errors/errorCodes.ts';
import { ckrTable, vendorDefined } from './ckrTable.ts';
import { familyFacts } from './moduleFamily.ts';
import type { ModuleFamily } from './moduleFamily.ts';

/** Where it happened, as far as that is known. */
export interface Where {
  readonly operation?: OperationName;
  readonly family?: ModuleFamily;
}

export interface Explained {
  readonly name: string;
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly nextStep: string | undefined;
}

/** One finding: for these operations and modules, or for all. */
interface Finding {
  readonly ckr: readonly number[];
  readonly operations?: readonly OperationName[];
  readonly family?: ModuleFamily;
  readonly sentence: string;
  readonly nextStep?: string;
}

const making: readonly OperationName[] = ['generateSecret', 'generatePair'];
const using: readonly OperationName[] = ['sign', 'mac', 'encrypt', 'decrypt', 'decryptCbc', 'wrap', 'wrapThrough', 'unwrap', 'derive'];
const bySo: readonly OperationName[] = ['unblockPin', 'initToken'];
const known: readonly OperationName[] = ['sign', 'encrypt', 'decrypt', 'wrap', 'unwrap', 'derive'];

/** What modules were measured to do. */
const ofModules: readonly Finding[] = [
  { ckr: [0x82, 0x60], operations: using, family: 'softhsm', sentence: "the key, or the folder that the token lives in, is not there any more", nextStep: 'see that `directories.tokendir` of SOFTHSM2_CONF is there; else another program has destroyed the key' },
  { ckr: [0x05], operations: ['tokens', 'open'], family: 'softhsm', sentence: "SoftHSM cannot read the token's folder", nextStep: 'see that `directories.tokendir` of SOFTHSM2_CONF is there and readable' },
  { ckr: [0x60], operations: using, family: 'nss', sentence: 'another program has destroyed the key in the database of NSS', nextStep: "list the token's keys" },
  { ckr: [0xa2, 0xa1], family: 'opencryptoki', sentence: 'openCryptoki takes PINs of 4 to 8 characters', nextStep: 'give a PIN of 4 to 8 characters' },
  { ckr: [0x05, 0x06], operations: making, family: 'tpm2', sentence: 'the TPM has no room left for what this process has made', nextStep: 'lock and unlock the vault: the module starts anew, and has room again' },
  { ckr: [0x05, 0x06, 0x30], family: 'tpm2', sentence: 'the TPM failed, as it does when several programs use it at once', nextStep: 'close other programs that use the TPM, then try again' },
  { ckr: [0x30], family: 'ykcs11', sentence: 'the YubiKey does not answer: it was pulled, or another program holds it', nextStep: 'plug it in, end other programs that use it (gpg), then try again' },
  { ckr: [0x32, 0xb3], family: 'opensc', sentence: 'the card was pulled', nextStep: 'put the card back, then try again' },
  { ckr: [0x30], family: 'p11-kit', sentence: 'the server behind p11-kit has ended', nextStep: 'start `p11-kit server` again, then try again' },
  { ckr: [0x101], operations: making, family: 'ykcs11', sentence: 'the YubiKey makes keys for its SO alone, whose PIN is the management key', nextStep: 'make the key with `ykman piv keys generate`, then adopt it' },
  { ckr: [0x54, 0x101, 0x06], operations: ['unblockPin'], family: 'nss', sentence: 'NSS has no SO once its user PIN is set', nextStep: familyFacts('nss').wayOut },
];

const permits: Partial<Record<OperationName, string>> = { sign: 'CKA_SIGN', mac: 'CKA_SIGN', encrypt: 'CKA_ENCRYPT', decrypt: 'CKA_DECRYPT', decryptCbc: 'CKA_DECRYPT', wrap: 'CKA_WRAP', unwrap: 'CKA_UNWRAP', derive: 'CKA_DERIVE' };

/** What the operation tells, whatever the module. */
const ofOperations: readonly Finding[] = [
  { ckr: [0xa0], operations: bySo, sentence: 'the SO PIN is wrong', nextStep: 'make sure of the SO PIN: a locked SO PIN is final on most tokens' },
  { ckr: [0xa4], operations: bySo, sentence: 'the SO PIN is locked', nextStep: "ask the token's vendor: most tokens can only be reset, which destroys their keys" },
  { ckr: [0xa1, 0xa2, 0x1b8], operations: ['changePin', 'unblockPin', 'initToken'], sentence: 'the token does not take the new PIN: its length or its characters', nextStep: 'the lengths that it takes are said where the PIN is asked for; digits are taken by all' },
  { ckr: [0x54], operations: ['unblockPin'], sentence: 'the module does not let its SO set a new PIN', nextStep: "use the PUK with the vendor's program" },
  { ckr: [0x54], operations: ['changePin'], sentence: 'the module does not change PINs', nextStep: "change it with the vendor's program" },
  { ckr: [0x103], operations: ['changePin', 'unblockPin', 'checkPin'], sentence: 'the module has no such user: many smart cards have no SO', nextStep: "use the vendor's program" },
  { ckr: [0xb6, 0xb7, 0xb8, 0x104], operations: ['initToken', 'unblockPin', 'changePin', 'checkPin'], sentence: 'another program has a session with the token', nextStep: 'close other programs that use the token, then try again' },
  { ckr: [0x101], operations: ['sign'], sentence: 'the token wants the PIN for this very signature', nextStep: 'try again and give the PIN' },
  { ckr: [0xa3], sentence: 'the PIN has expired', nextStep: 'change it: `token change-pin`' },
  { ckr: [0x1b0], sentence: 'the token asks for a new PIN', nextStep: 'change it: `token change-pin`' },
];

function applies({ ckr, operations, family }: Finding, number: number, where: Where): boolean {
  if (!ckr.includes(number) || (family !== undefined && family !== where.family)) return false;
  return operations === undefined || (where.operation !== undefined && operations.includes(where.operation));
}

/** CKR_KEY_FUNCTION_NOT_PERMITTED, by the attribute that forbids it; CKR_PIN_LOCKED, by the way out. */
function derived(number: number, { operation, family }: Where): Omit<Finding, 'ckr'> | undefined {
  const attribute = operation === undefined ? undefined : permits[operation];
  if (number === 0x68 && attribute !== undefined) return { sentence: `the key's attributes do not allow this use (${attribute} is false)`, nextStep: 'use a key that was made for this purpose' };
  if (number === 0xa4 && family !== undefined) return { sentence: 'the PIN is locked', nextStep: familyFacts(family).wayOut };
  if (number === 0x70 && operation !== undefined && known.includes(operation)) return { sentence: `the token does not have this mechanism for ${operation === 'sign' ? 'signatures' : operation}`, nextStep: '"token info" lists what the token can do' };
  return undefined;
}

export function explainCkr(number: number, where: Where = {}): Explained {
  const entry = ckrTable.get(number);
  const found = [...ofModules, ...ofOperations].find((finding) => applies(finding, number, where)) ?? derived(number, where);
  return {
    name: entry?.name ?? `${number >= vendorDefined ? 'vendor-defined' : 'unknown'} number`,
    code: entry?.code ?? 'token-refused',
    sentence: found?.sentence ?? entry?.sentence ?? 'the module refused for a reason that only its vendor knows',
    nextStep: found?.nextStep ?? entry?.nextStep,
  };
}

/** @param text a number (decimal or 0x…), or a name with or without CKR_ @returns undefined where it is none */
export function ckrNumbered(text: string): number | undefined {
  if (/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) return Number(text) <= 0xffff_ffff ? Number(text) : undefined;
  const name = text.toUpperCase().replace(/^(CKR_)?/, 'CKR_');
  for (const [number, entry] of ckrTable) if (entry.name === name) return number;
  return undefined;
}
