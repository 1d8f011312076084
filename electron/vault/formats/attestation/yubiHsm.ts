/**
 * The attestation of a YubiHSM 2's key: an X.509 certificate of the key with Yubico's extensions 1.3.6.1.4.1.41482.4 ("Attestation", YubiHSM 2
 * User Guide). Unlike a YubiKey it attests imported keys too, and says so in the bits of their origin.
 */
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { bitsOf, octetsOf, onlyValue, smallNumberOf, unsignedFrom } from '../../crypto/derReader.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { damaged } from '../../crypto/malformed.ts';
import { extensionValue } from '../signing/certificateExtensions.ts';
import type { X509Facts } from '../signing/x509.ts';
import { decimal, versionText } from './attested.ts';
import type { Attested } from './attested.ts';

const arc = '1.3.6.1.4.1.41482.4';
const utf8String = 0x0c;
/** Bits of the origin. */
const [generated, imported, importedWrapped] = [0x01, 0x02, 0x10];
const exportableUnderWrap = 16;

function extension(certificate: X509Facts, number: number): DerValue | undefined {
  const value = extensionValue(certificate.der, `${arc}.${number}`);
  return value === undefined ? undefined : onlyValue(value);
}

/** SECURITY: a key that came in wrapped keeps its old origin beside the new one, and who has the wrapping key can write any: it is imported, whatever else it says. */
function originOf(bits: number): Attested['origin'] {
  if ((bits & (imported | importedWrapped)) !== 0) return 'imported';
  return bits === generated ? 'generated' : undefined;
}

function mayLeave(capabilities: Uint8Array): boolean {
  return ((capabilities.at(-1 - exportableUnderWrap / 8) ?? 0) & 1) !== 0;
}

/** The serial number of the device, which its own certificate and each attestation have. */
export function yubiHsmSerial(certificate: X509Facts): string | undefined {
  const serial = extension(certificate, 2);
  return serial === undefined ? undefined : decimal(unsignedFrom(serial, 'serial number'));
}

/** @returns undefined for a certificate that is no attestation of a YubiHSM's key @throws `input-malformed` for one that is damaged */
export function readYubiHsmAttestation(certificate: X509Facts): Attested | undefined {
  const origin = extension(certificate, 3);
  if (origin === undefined) return undefined;
  const [bits, ...more] = bitsOf(origin, 'origin');
  if (bits === undefined || more.length > 0) throw damaged('attestation', '"origin" expected 8 bits');
  const [firmware, capabilities, id, label] = [extension(certificate, 1), extension(certificate, 5), extension(certificate, 6), extension(certificate, 9)];
  return {
    kind: 'yubihsm',
    device: 'YubiHSM 2',
    origin: originOf(bits),
    serial: yubiHsmSerial(certificate),
    facts: [
      ...(firmware === undefined ? [] : [`firmware ${versionText(octetsOf(firmware, 'firmware'))}`]),
      ...(id === undefined ? [] : [`object 0x${smallNumberOf(id, 'object id').toString(16).padStart(4, '0')}`]),
      ...(label?.tag === utf8String ? [`label "${shortLine(new TextDecoder().decode(label.content), 40)}"`] : []),
      ...(capabilities === undefined ? [] : [mayLeave(bitsOf(capabilities, 'capabilities')) ? 'may leave the device under a wrapping key' : 'cannot leave the device']),
    ],
  };
}
