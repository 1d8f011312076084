/** Curves as modules write them: CKA_EC_PARAMS as an OID or a name, CKA_EC_POINT as an OCTET STRING or bare. */
import pkcs11 from 'pkcs11js';
import type { Curve } from '../pkcs11-wire/keyShapes.ts';

/** PKCS#11 v3.0 §2.3: key types and mechanisms that the binding has no names for. */
export const CKK_EC_EDWARDS = 0x40;
export const CKK_EC_MONTGOMERY = 0x41;
export const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
export const CKM_EC_MONTGOMERY_KEY_PAIR_GEN = 0x1056;
export const CKM_EDDSA = 0x1057;

interface CurveFacts {
  /** DER of CKA_EC_PARAMS: the OID first, which is what we write (RFC 5480 §2.1.1.1, RFC 8410 §3), then the PrintableString of PKCS#11 v3.0 §2.3.5. */
  readonly params: readonly string[];
  readonly pointBytes: number;
  /** Bytes of r and of s, of an ECDH secret, and at most of a digest that is signed. */
  readonly fieldBytes: number;
}

const facts: Readonly<Record<Curve, CurveFacts>> = {
  'ec-p256': { params: ['06082a8648ce3d030107'], pointBytes: 65, fieldBytes: 32 },
  'ec-p384': { params: ['06052b81040022'], pointBytes: 97, fieldBytes: 48 },
  'ec-p521': { params: ['06052b81040023'], pointBytes: 133, fieldBytes: 66 },
  ed25519: { params: ['06032b6570', '130c656477617264733235353139', '06092b06010401da470f01'], pointBytes: 32, fieldBytes: 32 },
  x25519: { params: ['06032b656e', '130a63757276653235353139', '060a2b060104019755010501'], pointBytes: 32, fieldBytes: 32 },
};

const curveNames = Object.keys(facts) as Curve[];

export function isWeierstrass(curve: Curve): boolean {
  return curve.startsWith('ec-');
}

export function curveParams(curve: Curve): Buffer {
  return Buffer.from(facts[curve].params[0] ?? '', 'hex');
}

export function fieldBytes(curve: Curve): number {
  return facts[curve].fieldBytes;
}

/** @returns undefined for explicit parameters and for curves that are not ours */
export function curveOf(params: Uint8Array | undefined): Curve | undefined {
  const hex = params === undefined ? '' : Buffer.from(params).toString('hex');
  return curveNames.find((name) => facts[name].params.includes(hex));
}

/** CKA_EC_POINT as PKCS#11 v2.40 §2.3.3 has it: an OCTET STRING. */
export function pointAttribute(point: Uint8Array): Buffer {
  const header = point.length < 0x80 ? [0x04, point.length] : [0x04, 0x81, point.length];
  return Buffer.concat([Buffer.from(header), point]);
}

/** Decided by length and first bytes, never guessed. @returns undefined for a compressed point and for what is no point */
export function pointOf(curve: Curve, value: Uint8Array | undefined): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const { pointBytes } = facts[curve];
  const isPoint = (bytes: Uint8Array) => bytes.length === pointBytes && (!isWeierstrass(curve) || bytes[0] === 0x04);
  if (isPoint(value)) return value;
  const inner = value.slice(-pointBytes);
  const header = Buffer.from(value.slice(0, Math.max(0, value.length - pointBytes)));
  const wrappings = [pointAttribute(inner).subarray(0, -pointBytes), bitStringHeader(pointBytes)];
  return isPoint(inner) && wrappings.some((wrapping) => wrapping.equals(header)) ? inner : undefined;
}

/** Some modules of v3.0 write the SubjectPublicKeyInfo's BIT STRING instead. */
function bitStringHeader(pointBytes: number): Buffer {
  return pointBytes + 1 < 0x80 ? Buffer.from([0x03, pointBytes + 1, 0]) : Buffer.from([0x03, 0x81, pointBytes + 1, 0]);
}

export function keyTypeNumber(curve: Curve): number {
  if (isWeierstrass(curve)) return pkcs11.CKK_EC;
  return curve === 'ed25519' ? CKK_EC_EDWARDS : CKK_EC_MONTGOMERY;
}
