/** RFC 7512 URIs: one form out, exact reading, and no way in for a PIN. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPkcs11Uri, oneByteEscaped, parsePkcs11Uri, sameKeyUri, uriTypes } from '../../electron/vault/providers/pkcs11/pkcs11Uri.ts';
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
    ['PKCS11:object=x', { object: 'x' }],
    ['pkcs11:object=a%2Fb%3bc;type=private', { object: 'a/b;c', type: 'private' }],
    ['pkcs11:id=%6deb45;object=Rot', { id: new TextEncoder().encode('meb45'), object: 'Rot' }],
    ['pkcs11:id=a%2b', { id: Uint8Array.of(0x61, 0x2b) }],
    ['pkcs11:token=Name%20with%20a%20small%20A%20with%20acute:%20%C3%A1', { token: 'Name with a small A with acute: á' }],
  ];

  test.each(examples)('%s', (text, value) => {
    expect(parsePkcs11Uri(text)).toEqual(value);
  });
});

test('everything but unreserved characters is escaped, and every byte of an id: reports/23-uri-percent-encoding', () => {
  const emit: readonly (readonly [Pkcs11Uri, string])[] = [
    [{ token: 'Sejf główny', object: 'KEK/2026 α;rev?1&x=#%', id: Uint8Array.of(0x6d, 0xeb, 0x45, 0xc1), type: 'private' }, 'pkcs11:token=Sejf%20g%C5%82%C3%B3wny;id=%6D%EB%45%C1;object=KEK%2F2026%20%CE%B1%3Brev%3F1%26x%3D%23%25;type=private'],
    [{ token: 'a b', object: 'plain-label_1.~', id: Uint8Array.of(0x30, 0x31), type: 'private' }, 'pkcs11:token=a%20b;id=%30%31;object=plain-label_1.~;type=private'],
    [{ token: '[x]:(y)', object: 'name@host,$5!', id: Uint8Array.of(0, 1), type: 'private' }, 'pkcs11:token=%5Bx%5D%3A%28y%29;id=%00%01;object=name%40host%2C%245%21;type=private'],
  ];
  for (const [value, text] of emit) expect(formatPkcs11Uri(value)).toBe(text);
});

test('a reference of an older vault, escaped less, names the same key', () => {
  expect(sameKeyUri('pkcs11:token=a:b;id=%01;type=private', 'pkcs11:token=a%3Ab;id=%01;type=private')).toBe(true);
  expect(sameKeyUri('pkcs11:token=a:b;id=%01;type=private', 'pkcs11:token=a%3Ab;id=%02;type=private')).toBe(false);
  expect(sameKeyUri('software:00', 'pkcs11:id=%01')).toBe(false);
});

test('an id of which only the first byte was escaped: what its sender may have meant', () => {
  expect(oneByteEscaped(parsePkcs11Uri('pkcs11:id=%6deb45').id ?? new Uint8Array(0))).toBe('6deb45');
  for (const id of [new Uint8Array(0), Uint8Array.of(1), Uint8Array.of(1, 2, 3)]) expect(oneByteEscaped(id)).toBeUndefined();
});

describe('what is refused', () => {
  const refused: Record<string, string> = {
    'another scheme': 'pkcs12:token=a',
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
