/** An X.509 certificate (RFC 5280 §4.1) taken apart: what its parts say is read by who needs it. Nothing is verified, and nobody trusted, by this. */
import { DerFields, onlyValue } from './derReader.ts';
import { context, derTags } from './derValue.ts';
import type { DerValue } from './derValue.ts';
import { damaged } from './malformed.ts';

export interface CertificateParts {
  readonly der: Uint8Array;
  /** What the issuer signed. */
  readonly signed: Uint8Array;
  /** AlgorithmIdentifier of the signature. */
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
  /** The INTEGER. */
  readonly serial: DerValue;
  /** DER of the two names, for comparing. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly validity: DerValue;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly extensions: readonly DerValue[];
}

const what = 'certificate';

/** @param der borrowed: the parts are views @throws `input-malformed` for what is not exactly one certificate */
export function certificateParts(der: Uint8Array): CertificateParts {
  const whole = DerFields.of(der, what);
  const tbs = whole.take(derTags.sequence, 'content');
  const algorithm = whole.take(derTags.sequence, 'signature algorithm').whole;
  const bits = whole.take(derTags.bitString, 'signature').content;
  whole.end();
  if (bits[0] !== 0) throw damaged(what, '"signature" is not whole bytes');
  return { der, signed: tbs.whole, algorithm, signature: bits.subarray(1), ...bodyOf(tbs) };
}

function bodyOf(tbs: DerValue): Pick<CertificateParts, 'serial' | 'issuer' | 'validity' | 'subject' | 'spki' | 'extensions'> {
  const body = new DerFields(tbs, what);
  body.optional(context.constructed(0)); // version
  const serial = body.take(derTags.integer, 'serial number');
  body.take(derTags.sequence, 'signature algorithm');
  const issuer = body.take(derTags.sequence, 'issuer').whole;
  const validity = body.take(derTags.sequence, 'validity');
  const subject = body.take(derTags.sequence, 'subject').whole;
  const spki = body.take(derTags.sequence, 'public key').whole;
  body.optional(context.primitive(1)); // issuerUniqueID
  body.optional(context.primitive(2)); // subjectUniqueID
  const extensions = body.optional(context.constructed(3));
  body.end();
  return { serial, issuer, validity, subject, spki, extensions: extensions === undefined ? [] : new DerFields(onlyValue(extensions.content), what).rest() };
}
