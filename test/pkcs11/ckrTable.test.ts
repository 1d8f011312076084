/** The table of CKR_ numbers against a header that is not ours, and the errors that come of it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { errorCodes } from '../../shared/errors/errorCodes.ts';
import { ckrTable } from '../../electron/vault/providers/pkcs11/ckrTable.ts';
import { errorOf, oneFailure, TokenRefusal } from '../../electron/vault/providers/pkcs11/tokenRefusal.ts';

/** The standard's own header, which the binding carries (v2.40), and p11-kit's, which knows v3.0. */
const headers = {
  standard: fileURLToPath(new URL('../../node_modules/pkcs11js/includes/pkcs11/pkcs11t.h', import.meta.url)),
  'p11-kit': '/usr/include/p11-kit-1/p11-kit/pkcs11.h',
} as const;

/** p11-kit 0.24 gives these numbers of its own, unlike the standard. */
const misnumbered = ['CKR_EXCEEDED_MAX_ITERATIONS', 'CKR_FIPS_SELF_TEST_FAILED', 'CKR_LIBRARY_LOAD_FAILED', 'CKR_PIN_TOO_WEAK', 'CKR_PUBLIC_KEY_INVALID'];

function numbersOf(path: string): readonly (readonly [number, string])[] {
  let header: string;
  try {
    header = readFileSync(path, 'utf8');
  } catch {
    throw new Error(`${path} is missing: npm ci, apt-get install libp11-kit-dev`);
  }
  const lines = Array.from(header.matchAll(/^#define\s+(CKR_\w+)\s+\(?(0x[0-9a-fA-F]+|\d+)/gm), ([, name = '', number]) => [Number(number), name] as const);
  return lines.filter(([number]) => number !== 0 && number < 0x8000_0000);
}

test.each(Object.entries(headers))('every number of the header of %s is in the table under its name', (whose, path) => {
  const numbers = numbersOf(path).filter(([, name]) => whose === 'standard' || !misnumbered.includes(name));
  expect(numbers.length).toBeGreaterThan(80);
  expect(numbers.filter(([number, name]) => ckrTable.get(number)?.name !== name)).toEqual([]);
});

describe('each row', () => {
  test.each(Array.from(ckrTable, ([number, entry]) => [`0x${number.toString(16)} ${entry.name}`, number] as const))(
    '%s has a code of ours and a sentence',
    (_, number) => {
      const entry = ckrTable.get(number);
      expect(Object.keys(errorCodes)).toContain(entry?.code);
      expect(entry?.sentence).toMatch(/^[a-z].*[^.]$/);
      if (entry?.nextStep !== undefined) expect(entry.nextStep).toMatch(/^["a-z].*[^.]$/);
    },
  );
});

describe('errors', () => {
  test('a refusal names sentence, function, name and number', () => {
    const error = new TokenRefusal(0x68, 'C_SignInit');
    expect(error.code).toBe('token-refused');
    expect(error.message).toBe("the key's attributes do not allow this use (C_SignInit: CKR_KEY_FUNCTION_NOT_PERMITTED 0x68)");
    expect(error.nextStep).toBe('use a key that was made for this purpose');
  });

  test("a vendor's own number is said to be one", () => {
    expect(new TokenRefusal(0x8000_0101, 'C_Login').message).toContain('vendor-defined number 0x80000101');
    expect(new TokenRefusal(0x7000, 'C_Login').message).toContain('unknown number 0x7000');
  });

  test.each([
    [0x1, 'login', 'declined'],
    [0x1, 'generatePair', 'token-refused'],
    [0x110, 'unwrap', 'unwrap-failed'],
    [0x110, 'generateSecret', 'token-refused'],
    [0x40, 'decrypt', 'decrypt-failed'],
    [0x40, 'find', 'token-refused'],
  ] as const)('0x%s in %s is %s: a number that makes no sense there is the fault of the module', (number, operation, code) => {
    expect(errorOf({ code: 'token-refused', message: '', ckr: number }, { operation }).code).toBe(code);
  });

  test('what follows from the bytes has one code and one text, whatever it was', () => {
    const texts = [0x5, 0x7, 0x20, 0x21, 0x40, 0x41, 0x42, 0x110, 0x112, 0x8000_0001].map((number) => {
      const error = oneFailure(new TokenRefusal(number, 'C_UnwrapKey'), 'unwrap-failed') as Error & { code: string };
      return `${error.code}: ${error.message}`;
    });
    expect(new Set(texts)).toEqual(new Set(['unwrap-failed: the wrapped key cannot be opened']));
  });

  test.each([0x32, 0xa0, 0xe0, 0x101, 0x60])('0x%s says what it is: it does not follow from the bytes', (number) => {
    const error = new TokenRefusal(number, 'C_UnwrapKey');
    expect(oneFailure(error, 'unwrap-failed')).toBe(error);
  });

  test('TOKEN-1: a changed module is refused under the rule', () => {
    expect(errorOf({ code: 'module-changed', message: 'the module is not the one that was pinned' })).toMatchObject({
      code: 'module-changed',
      rule: 'TOKEN-1',
    });
  });
});
