/** What a token is asked for when it makes a key, before it is asked: `token.template`. What it stored is held against it afterwards. */
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import type { FlagAttribute, KeyFlags } from '../../pkcs11-wire/keyShapes.ts';
import { refusal } from '../../../shared/errors/strongroomError.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import { attributeName } from '../providers/pkcs11/keyReadBack.ts';
import { isPairPurpose, isSecretPurpose, pairTemplates, secretTemplates } from '../providers/pkcs11/keyTemplates.ts';

type Asked = Reply<'token.template'>['key'][number];

/** What an attribute of these says, on and off. */
const meanings: Partial<Readonly<Record<FlagAttribute, readonly [on: string, off: string]>>> = {
  token: ['it stays on the token', 'it goes with the session'],
  private: ['it is seen after the PIN alone', 'it is seen without a PIN'],
  modifiable: ['its attributes can be changed', 'its attributes are fixed'],
  sensitive: ['its bytes are never shown', 'its bytes can be read'],
  extractable: ['it may leave, wrapped', 'it never leaves, not even wrapped'],
  encrypt: ['it encrypts', 'it encrypts nothing'],
  decrypt: ['it decrypts', 'it decrypts nothing'],
  sign: ['it signs, or makes tags', 'it signs nothing'],
  verify: ['it verifies', 'it verifies nothing'],
  wrap: ['it wraps other keys', 'it wraps no key'],
  unwrap: ['it unwraps other keys', 'it unwraps no key'],
  derive: ['keys are derived with it', 'no key is derived with it'],
};

function asked(flags: KeyFlags): Asked[] {
  const names = Object.keys(meanings) as FlagAttribute[];
  return names.flatMap((name) => {
    const value = flags[name];
    const [on, off] = meanings[name] ?? [];
    return value === undefined || on === undefined || off === undefined ? [] : [{ attribute: attributeName(name), value, words: value ? on : off }];
  });
}

function template(_context: LockedContext, { purpose, exportable = false }: Request<'token.template'>): Reply<'token.template'> {
  if (isSecretPurpose(purpose)) return { key: asked({ ...secretTemplates[purpose], extractable: exportable }) };
  if (!isPairPurpose(purpose)) throw refusal('KEY-GENERATE-1', `"purpose" ${purpose} is served by no key on a token`, 'make the key in the vault');
  const { private: own, public: half } = pairTemplates[purpose];
  return { key: asked({ ...own, extractable: exportable }), publicHalf: asked(half) };
}

export const tokenTemplateHandlers = { 'token.template': template } satisfies Partial<Handlers>;
