/**
 * The attestation of a YubiKey's PIV slot: an X.509 certificate of the key with Yubico's extensions 1.3.6.1.4.1.41482.3 ("PIV attestation",
 * developers.yubico.com). The device makes one for keys that it generated, and for no others.
 */
import { unsignedFrom, onlyValue } from '../../crypto/derReader.ts';
import { readSpki } from '../../crypto/spki.ts';
import { extensionValue } from '../signing/certificateExtensions.ts';
import type { X509Facts } from '../signing/x509.ts';
import { decimal, fixedExtension, versionText } from './attested.ts';
import type { Attested } from './attested.ts';

const arc = '1.3.6.1.4.1.41482.3';
const firmwareOid = `${arc}.3`;
const serialOid = `${arc}.7`;
const policyOid = `${arc}.8`;
const formFactorOid = `${arc}.9`;
const fipsOid = `${arc}.10`;
const cspnOid = `${arc}.11`;

const pinPolicies: Readonly<Record<number, string>> = { 1: 'never', 2: 'once per session', 3: 'before each use', 4: 'once per session, or a fingerprint', 5: 'before each use, or a fingerprint' };
const touchPolicies: Readonly<Record<number, string>> = { 1: 'never', 2: 'before each use', 3: 'before each use, remembered for 15 seconds' };
const formFactors: Readonly<Record<number, string>> = { 1: 'USB-A keychain', 2: 'USB-A nano', 3: 'USB-C keychain', 4: 'USB-C nano', 5: 'USB-C and Lightning', 6: 'USB-A with fingerprint reader', 7: 'USB-C with fingerprint reader' };

function named(table: Readonly<Record<number, string>>, value: number | undefined): string {
  return table[value ?? -1] ?? `not known here (${value})`;
}

/** The device's own certificate (slot F9) says which firmware made it, and nothing of a key. */
export function isYubiKeyCertificate(certificate: X509Facts): boolean {
  return extensionValue(certificate.der, firmwareOid) !== undefined;
}

/** YubiKey 4 firmware 4.2.6 to 4.3.4 makes RSA keys that can be factored. */
function isFactorable([major, minor = 0, patch = 0]: Uint8Array, spki: Uint8Array): boolean {
  return readSpki(spki)?.kind === 'rsa' && major === 4 && ((minor === 2 && patch >= 6) || (minor === 3 && patch <= 4));
}

function readSerial(certificate: X509Facts): string | undefined {
  const value = extensionValue(certificate.der, serialOid);
  return value === undefined ? undefined : decimal(unsignedFrom(onlyValue(value), 'serial number'));
}

/** @returns undefined for a certificate that is no attestation of a PIV slot @throws `input-malformed` for one that is damaged */
export function readPivAttestation(certificate: X509Facts): Attested | undefined {
  const firmware = fixedExtension(certificate, firmwareOid, 3);
  const policy = fixedExtension(certificate, policyOid, 2);
  if (firmware === undefined || policy === undefined) return undefined;
  const form = fixedExtension(certificate, formFactorOid, 1)?.[0];
  const has = (oid: string) => extensionValue(certificate.der, oid) !== undefined;
  return {
    kind: 'yubico-piv',
    device: 'YubiKey',
    origin: 'generated',
    serial: readSerial(certificate),
    facts: [
      `firmware ${versionText(firmware)}`,
      `PIN: ${named(pinPolicies, policy[0])}`,
      `touch: ${named(touchPolicies, policy[1])}`,
      ...(form === undefined ? [] : [`form: ${named(formFactors, form & 0x3f)}`]),
      ...(has(fipsOid) || ((form ?? 0) & 0x80) !== 0 ? ['of the FIPS series'] : []),
      ...(has(cspnOid) ? ['of the CSPN series'] : []),
      ...(isFactorable(firmware, certificate.spki) ? ['warning: RSA keys that this firmware makes can be factored (CVE-2017-15361)'] : []),
    ],
  };
}
