/** The certificates that an attestation consists of: read from files, and found among the certificates of a token. */
import { StrongroomError, isStrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { certificatePublicKey } from '../../crypto/certificatePublicKey.ts';
import { readCertificates } from '../signing/certificateChain.ts';
import { readX509 } from '../signing/x509.ts';
import type { X509Facts } from '../signing/x509.ts';
import { cvcValues } from './cvc.ts';
import { isCardEvidence, isCardRequest, readCardAttestation } from './smartCardHsm.ts';
import { isYubiKeyCertificate, readPivAttestation } from './yubicoPiv.ts';
import { readYubiHsmAttestation } from './yubiHsm.ts';

/** No device's chain is longer, and none of its certificates as large. */
const mostEvidence = 8;
const mostInFile = 16;
const largestCertificate = 16 * 1024;

/** The certificates of one file: X.509 as an authority sends them, or a card's as it keeps them, one after the other. @throws `input-malformed` */
export function readEvidence(file: Uint8Array): readonly Uint8Array[] {
  const found = isCardEvidence(file) ? cvcValues(file).map(({ whole }) => whole) : readCertificates(file).map(({ der }) => der);
  const large = found.find(({ length }) => length > largestCertificate);
  // SECURITY: each costs signatures to verify, and what is kept is kept for ever
  if (found.length > mostInFile || large !== undefined) throw new StrongroomError('input-too-large', `an attestation expected at most ${mostInFile} certificates of ${largestCertificate} bytes, got ${found.length}${large === undefined ? '' : `, one of ${large.length} bytes`}`, { field: 'files', nextStep: 'give the attestation of one key and the certificates above it' });
  return found;
}

function readable(der: Uint8Array): readonly X509Facts[] {
  try {
    return [readX509(der)];
  } catch (error) {
    if (isStrongroomError(error, 'input-malformed')) return [];
    throw error;
  }
}

function says(certificate: X509Facts): boolean {
  try {
    return (readPivAttestation(certificate) ?? readYubiHsmAttestation(certificate)) !== undefined;
  } catch (error) {
    if (isStrongroomError(error, 'input-malformed')) return false;
    throw error;
  }
}

/** Whether a certificate is what a device says of a key: it was made for the asking, and is no certificate that somebody issued to the key. */
export function isAttestation(der: Uint8Array): boolean {
  return readable(der).some(says);
}

/** The certificates up from one, by name: whether they signed is judged with the attestation. */
function issuersOf(first: X509Facts, all: readonly X509Facts[]): readonly X509Facts[] {
  const path = [first];
  for (let last = first; path.length < mostEvidence; ) {
    const { issuerName } = last;
    const next = all.find((one) => !path.includes(one) && equalBytes(one.subjectName, issuerName));
    if (next === undefined) break;
    path.push(next);
    last = next;
  }
  return path;
}

export interface FoundEvidence {
  /** The attestation of the key and the certificates above it; nothing where there is none. */
  readonly evidence: readonly Uint8Array[];
  /** The token is of a kind that attests keys. */
  readonly attests: boolean;
}

/** What a card signed for the key, and all certificates of cards: they name each other, and are few. */
function cardEvidenceFor(all: readonly Uint8Array[], spki: Uint8Array): readonly Uint8Array[] {
  const request = all.filter(isCardRequest).find((one) => equalBytes(readCardAttestation(one).spki ?? one, spki));
  return request === undefined ? [] : [request, ...all.filter((one) => isCardEvidence(one) && !isCardRequest(one))].slice(0, mostEvidence);
}

/** @param certificates all of a token, or of files @param spki of the key @throws `input-malformed` for a card's that is damaged */
export function evidenceFor(certificates: readonly Uint8Array[], spki: Uint8Array): FoundEvidence {
  const ofCard = cardEvidenceFor(certificates, spki);
  if (ofCard.length > 0) return { evidence: ofCard, attests: true };
  const all = certificates.flatMap(readable);
  const statement = all.find((one) => equalBytes(certificatePublicKey(one.der) ?? one.spki, spki) && says(one));
  return { evidence: statement === undefined ? [] : issuersOf(statement, all).map(({ der }) => der), attests: all.some((one) => says(one) || isYubiKeyCertificate(one)) };
}
