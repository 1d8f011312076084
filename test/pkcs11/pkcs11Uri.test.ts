/** RFC 7512 URIs: one form out, exact reading, and no way in for a PIN. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPkcs11Uri, parsePkcs11Uri, uriTypes } from '../../electron/vault/providers/pkcs11/pkcs11Uri.ts';
import type { Pkcs11Uri } from '../../electron/vault/providers/pkcs11/pkcs11Uri.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const uri = fc.record(
  { token: text, manufacturer: text, serial: text, model: text, object: text, type: fc.constantFrom(...uriTypes), id: fc.uint8Array({ maxLength: 40 }) },
  { requiredKeys: [] },
) as fc.Arbitrary<Pkcs11Uri>;

test('what is written is read back', () => {
  fc.assert(
    fc.property(uri, (value) => {
      expect(parsePkcs11Uri(formatPkcs11Uri(value))).toEqual(value);
    }),
  );
});

describe('examples of RFC 7512 §3', () => {
  const examples: readonly (readonly [string, Pkcs11Uri])[] = [
    ['pkcs11:', {}],
    ['pkcs11:object=my-pubkey;type=public', { object: 'my-pubkey', type: 'public' }],
    [
      'pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=',
      {
        token: 'The Software PKCS#11 Softtoken',
        manufacturer: 'Snake Oil, Inc.',
        model: '1.0',
        object: 'my-certificate',
        type: 'cert',
        id: Uint8Array.from([0x69, 0x95, 0x3e, 0x5c, 0xf4, 0xbd, 0xec, 0x91]),
        serial: '',
      },
    ],
    [
      'pkcs11:token=My%20token%25%20created%20by%20Joe;object=my-certificate;id=%01%02%03',
      { token: 'My token% created by Joe', object: 'my-certificate', id: Uint8Array.of(1, 2, 3) },
    ],
    ['pkcs11:id=a%2b', { id: Uint8Array.of(0x61, 0x2b) }],
    ['pkcs11:token=Name%20with%20a%20small%20A%20with%20acute:%20%C3%A1', { token: 'Name with a small A with acute: á' }],
  ];

  test.each(examples)('%s', (text, value) => {
    expect(parsePkcs11Uri(text)).toEqual(value);
  });
});

describe('what is refused', () => {
  const refused: Record<string, string> = {
    'another scheme': 'pkcs12:token=a',
    'the scheme in capitals': 'PKCS11:token=a',
    'a PIN': 'pkcs11:token=a?pin-value=1234',
    'a PIN in the path': 'pkcs11:token=a;pin-value=1234',
    'a module': 'pkcs11:token=a?module-path=/lib/evil.so',
    'an attribute given twice': 'pkcs11:token=a;token=b',
    'an attribute that is not understood': 'pkcs11:slot-id=1',
    "a vendor's attribute": 'pkcs11:x-vendor=1',
    'a type that is not understood': 'pkcs11:type=secret',
    'an attribute without a value': 'pkcs11:token',
    'an empty attribute': 'pkcs11:token=a;;serial=b',
    'a broken escape': 'pkcs11:token=a%2',
    'a space': 'pkcs11:token=a b',
    'text that is not UTF-8': 'pkcs11:token=%ff',
    nothing: '',
  };

  test.each(Object.entries(refused))('%s', (_, text) => {
    expect(() => parsePkcs11Uri(text)).toThrow(expect.objectContaining({ code: 'request-invalid', field: 'ref' }));
  });

  test('any text gives a URI or this refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tail) => {
        try {
          parsePkcs11Uri(`pkcs11:${tail}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'request-invalid' });
        }
      }),
    );
  });
});
