/** Key templates: one purpose each, and never a pair of attributes that takes a wrapped key apart. */
import { describe, expect, test } from 'vitest';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { algorithms, purposes } from '../../shared/model/terms.ts';
import type { KeyFlags } from '../../electron/pkcs11-wire/keyShapes.ts';
import { assertAsAsked } from '../../electron/vault/providers/pkcs11/keyReadBack.ts';
import { assertPurposeFits, isPairPurpose, isSecretPurpose, pairTemplates, secretTemplates } from '../../electron/vault/providers/pkcs11/keyTemplates.ts';

const usages = ['encrypt', 'decrypt', 'sign', 'verify', 'wrap', 'unwrap', 'derive'] as const;
const all: readonly (readonly [string, KeyFlags])[] = [
  ...Object.entries(secretTemplates),
  ...Object.entries(pairTemplates).flatMap(
    ([purpose, halves]) =>
      [
        [`${purpose} private`, halves.private],
        [`${purpose} public`, halves.public],
      ] as const,
  ),
];

function used(flags: KeyFlags): readonly string[] {
  return usages.filter((usage) => flags[usage] === true);
}

describe('each template', () => {
  test.each(all)('%s: WRAP never goes with DECRYPT', (_, flags) => {
    expect(flags.wrap === true && flags.decrypt === true).toBe(false);
    expect(flags.unwrap === true && flags.encrypt === true).toBe(false);
  });

  test.each(all)('%s lives on the token and cannot be changed, and derives where that is its purpose alone', (name, flags) => {
    expect(flags).toMatchObject({ token: true, modifiable: false, derive: name.startsWith('key-agreement') });
  });

  test.each(all.filter(([name]) => !name.endsWith('public')))('%s is private and sensitive, and leaves its extractability to the request', (_, flags) => {
    expect(flags).toMatchObject({ private: true, sensitive: true });
    expect(flags).not.toHaveProperty('extractable');
  });
});

test('a key does what its purpose says and nothing else', () => {
  expect(used(secretTemplates['data-encryption'])).toEqual(['encrypt', 'decrypt']);
  expect(used(secretTemplates['key-wrapping'])).toEqual(['wrap', 'unwrap']);
  expect(used(pairTemplates.signature.private)).toEqual(['sign']);
  expect(used(pairTemplates.signature.public)).toEqual(['verify']);
  expect(used(secretTemplates.mac)).toEqual(['sign', 'verify']);
  expect(used(pairTemplates['key-agreement'].private)).toEqual(['derive']);
  expect(used(pairTemplates['key-transport'].private)).toEqual(['unwrap']);
  expect(used(pairTemplates['key-transport'].public)).toEqual(['wrap']);
});

test('every purpose of the model has one template, but key-derivation, by which no token derives', () => {
  for (const purpose of purposes) expect(isSecretPurpose(purpose) !== isPairPurpose(purpose), purpose).toBe(purpose !== 'key-derivation');
});

test('KEY-GENERATE-1: an algorithm that does not serve the purpose is refused', () => {
  for (const purpose of purposes) {
    for (const algorithm of algorithms) {
      const check = () => assertPurposeFits(purpose, algorithm);
      if (purposeFacts[purpose].algorithms.includes(algorithm)) expect(check).not.toThrow();
      else expect(check).toThrow(expect.objectContaining({ code: 'refused', rule: 'KEY-GENERATE-1' }));
    }
  }
});

describe('what the token stored is held against what was asked', () => {
  const asked = { id: Uint8Array.of(1), label: 'k', flags: { ...secretTemplates['key-wrapping'], extractable: false } };
  const stored = { class: 'secret' as const, keyType: 'aes' as const, bits: 256, ...asked };

  test('the same is taken, also with an attribute that the module does not know', () => {
    const { modifiable: _, ...known } = stored.flags;
    expect(() => assertAsAsked(asked, stored, 256)).not.toThrow();
    expect(() => assertAsAsked(asked, { ...stored, flags: known }, 256)).not.toThrow();
  });

  const { sensitive: _, ...silent } = stored.flags;
  const unlike: Record<string, Parameters<typeof assertAsAsked>[1]> = {
    CKA_EXTRACTABLE: { ...stored, flags: { ...stored.flags, extractable: true } },
    CKA_SENSITIVE: { ...stored, flags: silent },
    CKA_DECRYPT: { ...stored, flags: { ...stored.flags, decrypt: true } },
    CKA_TOKEN: { ...stored, flags: { ...stored.flags, token: false } },
    CKA_ID: { ...stored, id: Uint8Array.of(2) },
    CKA_LABEL: { ...stored, label: 'other' },
    'the length': { ...stored, bits: 128 },
  };

  test.each(Object.entries(unlike))('%s that differs is named', (attribute, found) => {
    expect(() => assertAsAsked(asked, found, 256)).toThrow(
      expect.objectContaining({ code: 'token-refused', message: expect.stringContaining(attribute) as string }),
    );
  });
});
