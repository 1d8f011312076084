/** Frames between the core and a child: what is taken, and that everything else is refused. */
import { readFileSync } from 'node:fs';
import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeReply, decodeRequest, encodeReply, encodeRequest } from '../../electron/pkcs11-wire/frame.ts';
import type { Reply } from '../../electron/pkcs11-wire/frame.ts';
import { maxBatch, maxFrameBytes } from '../../electron/pkcs11-wire/limits.ts';
import { unprintable } from '../../electron/pkcs11-wire/shape.ts';
import { curves, flagAttributes, keyClasses } from '../../electron/pkcs11-wire/keyShapes.ts';
import { derivationFunctions, macMechanisms } from '../../electron/pkcs11-wire/messages.ts';
import { wrapMechanisms } from '../../shared/model/wrapFormats.ts';
import type { RequestOf } from '../../electron/pkcs11-wire/messages.ts';
import { errorCodes } from '../../shared/errors/errorCodes.ts';
import type { ErrorCode } from '../../shared/errors/errorCodes.ts';
import { signatureMechanisms } from '../../shared/model/terms.ts';

const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });
const plainText = (max: number) => fc.string({ unit: 'grapheme', maxLength: max }).filter((text) => text.length <= max && !unprintable.test(text));
const token = fc.record({ label: plainText(32), serial: plainText(16), manufacturer: plainText(32) }, { requiredKeys: ['label', 'serial'] });
const id = bytes(1, 255);
const key = fc.oneof(fc.record({ id }), fc.record({ label: plainText(64) }));
const ownClass = fc.constantFrom('secret' as const, 'private' as const);
const flags = fc.record(Object.fromEntries(flagAttributes.map((name) => [name, fc.boolean()])), { requiredKeys: [] });
const template = fc.record({ id, label: plainText(64), flags });
const publicKey = fc.record({ modulus: bytes(128, 512), exponent: bytes(1, 3) });

const requests = {
  open: fc.record({ path: plainText(100), sha256: bytes(32, 32), owner: fc.nat(), libraryParameters: plainText(40) }, { requiredKeys: ['path', 'sha256'] }),
  login: fc.record({ token, user: fc.constantFrom('user' as const, 'so' as const), pin: bytes(1, 64) }, { requiredKeys: ['token', 'user'] }),
  find: fc.record({ token, class: fc.constantFrom(...keyClasses), id, label: plainText(64) }, { requiredKeys: ['token'] }),
  generateSecret: fc.record({ token, keyType: fc.constantFrom('aes' as const, 'generic' as const), bytes: fc.constantFrom(16, 24, 32, 64), template }),
  sign: fc.record({ token, key, mechanism: fc.constantFrom(...signatureMechanisms), inputs: fc.array(bytes(0, 64), { minLength: 1, maxLength: 5 }) }),
  wrap: fc.record({
    token,
    class: ownClass,
    key,
    wrapper: fc.oneof(fc.record({ key }), fc.record({ publicKey })),
    mechanism: fc.constantFrom(...wrapMechanisms),
  }),
  unwrap: fc.record(
    {
      token,
      unwrapper: fc.record({ key, class: ownClass }),
      mechanism: fc.constantFrom(...wrapMechanisms),
      oaep: fc.record({ mgfHash: fc.constantFrom('sha1' as const, 'sha256' as const), label: bytes(0, 20) }, { requiredKeys: [] }),
      through: fc.record({ mechanism: fc.constantFrom(...wrapMechanisms), wrapped: bytes(1, 512) }),
      wrapped: bytes(1, 512),
      keyType: fc.constantFrom('aes' as const, 'generic' as const, 'rsa' as const, 'ec' as const),
      template,
    },
    { requiredKeys: ['token', 'unwrapper', 'mechanism', 'wrapped', 'keyType', 'template'] },
  ),
  derive: fc.record({ token, key, kdf: fc.constantFrom(...derivationFunctions), peer: bytes(32, 133), keyType: fc.constant('aes' as const), bytes: fc.constant(32), template }),
  mac: fc.record({ token, key, mechanism: fc.constantFrom(...macMechanisms), data: bytes(0, 100) }),
  createKey: fc.record({ token, clear: fc.record({ curve: fc.record({ curve: fc.constantFrom(...curves), point: bytes(32, 133), value: bytes(1, 66) }) }), template }),
  destroy: fc.record({ token, key, class: ownClass, halves: fc.array(key, { maxLength: 4 }), certificates: fc.array(bytes(1, 100), { maxLength: 3 }) }),
};

const signReply: fc.Arbitrary<Reply<'sign'>> = fc.oneof(
  fc.record({
    id: fc.integer({ min: 1, max: 0xffff_ffff }),
    ok: fc.record({
      results: fc.array(
        fc.oneof(
          fc.record({ signature: bytes(1, 512) }),
          fc.record({
            failure: fc.record(
              { code: fc.constantFrom(...(Object.keys(errorCodes) as ErrorCode[])), message: plainText(80), ckr: fc.nat(), function: plainText(20) },
              { requiredKeys: ['code', 'message'] },
            ),
          }),
        ),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  }),
  fc.record({ id: fc.integer({ min: 1, max: 0xffff_ffff }), done: fc.integer({ min: 0, max: maxBatch }) }),
);

/** Frames of other encoders: what a lenient decoder would take. */
function frameOf(message: unknown): Uint8Array {
  return encode(message);
}

describe('round trips', () => {
  test.each(Object.keys(requests) as (keyof typeof requests)[])('a request %s comes out as it went in', (operation) => {
    fc.assert(
      fc.property(requests[operation] as fc.Arbitrary<RequestOf<typeof operation>>, fc.integer({ min: 1, max: 0xffff_ffff }), (args, number) => {
        expect(decodeRequest(encodeRequest(number, operation, args))).toEqual({ id: number, op: operation, args });
      }),
      { numRuns: 60 },
    );
  });

  test('a reply comes out as it went in', () => {
    fc.assert(
      fc.property(signReply, (reply) => {
        expect(decodeReply(encodeReply(reply), reply.id, 'sign')).toEqual(reply);
      }),
    );
  });

  test('a thousand digests go in one message, and not one more', () => {
    const of = (count: number): RequestOf<'sign'> => ({
      token: { label: 'a', serial: 'b' },
      key: { id: Uint8Array.of(1) },
      mechanism: 'rsa-pss-sha256',
      inputs: Array.from({ length: count }, () => new Uint8Array(32)),
    });
    expect(decodeRequest(encodeRequest(1, 'sign', of(1000)))).toMatchObject({ op: 'sign' });
    expect(() => encodeRequest(1, 'sign', of(1001))).toThrow('"sign.inputs" expected a list of 1..1000, got a list of 1001');
  });
});

describe('mutations', () => {
  const good = encodeRequest(9, 'login', { token: { label: 'ceremony', serial: '0a1b' }, user: 'user', pin: new TextEncoder().encode('648219') });

  test('a changed byte is refused, or is another good request: never a crash, never a foreign error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const frame = new Uint8Array(good);
        frame[at] = (frame[at] ?? 0) ^ change;
        try {
          const { op, args } = decodeRequest(frame);
          expect(encodeRequest(9, op as 'login', args as RequestOf<'login'>).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'request-invalid' });
          expect(String(error)).not.toContain('648219');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('any cut and any leftover is refused', () => {
    for (let length = 0; length < good.length; length += 1) expect(() => decodeRequest(good.subarray(0, length))).toThrow();
    expect(() => decodeRequest(new Uint8Array([...good, 0]))).toThrow();
    expect(() => decodeRequest(new Uint8Array([...good, ...good]))).toThrow();
  });

  test('random bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (frame) => {
        expect(() => decodeReply(frame, 1, 'find')).toThrow(expect.objectContaining({ code: 'module-malformed' }));
      }),
    );
  });
});

describe('what must be refused', () => {
  const tokenName = { label: 'a', serial: 'b' };
  const envelope = { v: 2, id: 1, op: 'find', args: { token: tokenName } };
  const key = { class: 'secret', id: Uint8Array.of(1), label: 'k', keyType: 'aes', flags: {} };
  const deep = { a: { a: { a: { a: {} } } } };

  const badRequests: Record<string, unknown> = {
    'another version': { ...envelope, v: 1 },
    'another version, with fields of its own': { v: 3, body: 1 },
    'no version': { id: 1, op: 'find', args: { token: tokenName } },
    'a version as text': { ...envelope, v: '1' },
    'an unknown field': { ...envelope, more: 1 },
    'a field __proto__': JSON.parse('{"v":2,"id":1,"op":"find","args":{"token":{"label":"a","serial":"b"}},"__proto__":{}}') as unknown,
    'an operation that is a property of all objects': { ...envelope, op: 'toString' },
    'an unknown operation': { ...envelope, op: 'exportKey' },
    'arguments of another operation': { ...envelope, args: { token: tokenName, pin: Uint8Array.of(1) } },
    'no arguments': { v: 2, id: 1, op: 'find' },
    'a list for a map': { ...envelope, args: [] },
    'a depth that nobody asked for': { ...envelope, args: { token: deep } },
    'a negative id': { ...envelope, id: -1 },
    'an id beyond 32 bits': { ...envelope, id: 2 ** 32 },
    'an id that is a fraction': { ...envelope, id: 1.5 },
    'a control character': { ...envelope, args: { token: { label: 'a\u001b[2J', serial: 'b' } } },
    'a character that turns the direction of writing': { ...envelope, args: { token: { label: 'a\u202eb', serial: 'b' } } },
    'a label of a megabyte': { ...envelope, args: { token: { label: 'a'.repeat(1 << 20), serial: 'b' } } },
    'an empty CKA_ID': { ...envelope, args: { token: tokenName, id: new Uint8Array(0) } },
    'a CKA_ID as text': { ...envelope, args: { token: tokenName, id: 'aa' } },
    'null for a field': { ...envelope, args: { token: tokenName, class: null } },
    'no map at all': 'find',
  };

  test.each(Object.entries(badRequests))('a request with %s', (_, message) => {
    expect(() => decodeRequest(frameOf(message))).toThrow(expect.objectContaining({ code: 'request-invalid' }));
  });

  const reply = { v: 2, id: 1, ok: { keys: [key] } };
  const badReplies: Record<string, unknown> = {
    'another id': { ...reply, id: 2 },
    'both a result and a failure': { ...reply, err: { code: 'internal', message: '' } },
    neither: { v: 2, id: 1 },
    'the result of another operation': { v: 2, id: 1, ok: { tokens: [] } },
    'a code that is not ours': { v: 2, id: 1, err: { code: 'all-well', message: '' } },
    'a field beside the attributes': { v: 2, id: 1, ok: { keys: [{ ...key, value: new Uint8Array(32) }] } },
    'an unknown flag': { v: 2, id: 1, ok: { keys: [{ ...key, flags: { nextWeek: true } }] } },
    'a flag that is a number': { v: 2, id: 1, ok: { keys: [{ ...key, flags: { sensitive: 1 } }] } },
    'a check value of 16 bytes': { v: 2, id: 1, ok: { keys: [{ ...key, checkValue: new Uint8Array(16) }] } },
    'more keys than a token has': { v: 2, id: 1, ok: { keys: Array.from({ length: 10_001 }, () => key) } },
    "a label of a terminal's language": { v: 2, id: 1, ok: { keys: [{ ...key, label: '\u009b2J' }] } },
  };

  test.each(Object.entries(badReplies))('a reply with %s', (_, message) => {
    expect(() => decodeReply(frameOf(message), 1, 'find')).toThrow(expect.objectContaining({ code: 'module-malformed' }));
  });

  // { "v": 2, "id": 1, "ok": {} }, the reply to a logout, with one fault each.
  const logoutReply = 'a3 617602 62696401 626f6ba0';
  const badEncodings: Record<string, string> = {
    'a number that is not in its shortest form': 'a3 617602 6269641801 626f6ba0',
    'a length that is not in its shortest form': 'b803 617602 62696401 626f6ba0',
    'a map of indefinite length': 'bf 617602 62696401 626f6ba0 ff',
    'a key that occurs twice': 'a4 617602 617602 62696401 626f6ba0',
    undefined: 'a3 617602 62696401 626f6bf7',
    'not a number': 'a3 617602 626964f97e00 626f6ba0',
    infinity: 'a3 617602 626964f97c00 626f6ba0',
    'an integer of 64 bits': 'a3 617602 6269641bffffffffffffffff 626f6ba0',
    'a tag': 'a3 617602 62696401 626f6bc0a0',
    'a key that is no text': 'a4 617602 62696401 626f6ba0 0101',
    'a byte behind it': 'a3 617602 62696401 626f6ba0 00',
    'a map that promises more': 'a4 617602 62696401 626f6ba0',
    nothing: '',
  };
  const decodeLogout = (hex: string) => decodeReply(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')), 1, 'logout');

  test('the good encoding of which the next are faults', () => {
    expect(decodeLogout(logoutReply)).toEqual({ id: 1, ok: {} });
  });

  test.each(Object.entries(badEncodings))('an encoding with %s', (_, hex) => {
    expect(() => decodeLogout(hex)).toThrow(expect.objectContaining({ code: 'module-malformed' }));
  });

  test('a frame of more than 16 MiB', () => {
    expect(() => decodeReply(new Uint8Array(maxFrameBytes + 1), 1, 'logout')).toThrow('"frame" expected at most 16777216 bytes');
  });

  test('a frame that would be too large is not sent', () => {
    const keys = Array.from({ length: 9_000 }, () => ({
      class: 'public' as const,
      id: Uint8Array.of(1),
      label: 'k',
      keyType: 'rsa' as const,
      flags: {},
      modulus: new Uint8Array(2048),
    }));
    expect(() => encodeReply<'find'>({ id: 1, ok: { keys } })).toThrow(expect.objectContaining({ code: 'input-too-large' }));
  });
});

test('the example of PROTOCOL.md is what this code writes and reads', () => {
  const document = readFileSync(new URL('../../electron/pkcs11-wire/PROTOCOL.md', import.meta.url), 'utf8');
  const [request = '', done = '', refused = ''] = (/```hex\n([^`]*)```/.exec(document)?.[1] ?? '').trim().split('\n');
  const args = { token: { label: 'ceremony', serial: '0a1b' }, key: { id: Uint8Array.of(0x2a) }, class: 'secret' as const, halves: [], certificates: [] };
  expect(Buffer.from(encodeRequest(7, 'destroy', args)).toString('hex')).toBe(request);
  expect(decodeRequest(Uint8Array.from(Buffer.from(request, 'hex')))).toEqual({ id: 7, op: 'destroy', args });
  expect(decodeReply(Uint8Array.from(Buffer.from(done, 'hex')), 7, 'destroy')).toEqual({ id: 7, ok: { destroyed: 1, remaining: 0 } });
  expect(decodeReply(Uint8Array.from(Buffer.from(refused, 'hex')), 7, 'destroy')).toMatchObject({ err: { ckr: 0x101, function: 'C_DestroyObject' } });
});
