/** What a device says of a key in its attestation, before anybody believes it. */
import type { AttestationKind } from '../../../../shared/model/attestation.ts';
import { damaged } from '../../crypto/malformed.ts';
import { extensionValue } from '../signing/certificateExtensions.ts';
import type { X509Facts } from '../signing/x509.ts';

export interface Attested {
  readonly kind: AttestationKind;
  /** As people call it. */
  readonly device: string;
  /** How the key came into the device. Undefined: it does not say, or says what is not known here. */
  readonly origin: 'generated' | 'imported' | undefined;
  readonly serial: string | undefined;
  /** All else, in words. */
  readonly facts: readonly string[];
}

/** The content of an extension of these very bytes. @throws `input-malformed` for another length */
export function fixedExtension(certificate: X509Facts, oid: string, length: number): Uint8Array | undefined {
  const value = extensionValue(certificate.der, oid);
  if (value !== undefined && value.length !== length) throw damaged('attestation', `the extension ${oid} expected ${length} bytes, got ${value.length}`);
  return value;
}

/** A number of up to eight bytes, in decimal. */
export function decimal(bytes: Uint8Array): string {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n).toString();
}

export function versionText(bytes: Uint8Array): string {
  return [...bytes].join('.');
}
