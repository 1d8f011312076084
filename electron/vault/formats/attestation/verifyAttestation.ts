/** Whether an attestation shows where a key was born: three verdicts, and a sentence that says why. ATTESTATION.md beside this says what is looked at. */
import { isStrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { AttestationKind, AttestationVerdict } from '../../../../shared/model/attestation.ts';
import { equalBytes, toHex } from '../../crypto/bytes.ts';
import { certificatePublicKey } from '../../crypto/certificatePublicKey.ts';
import { sha256 } from '../../crypto/hashes.ts';
import { readX509 } from '../signing/x509.ts';
import type { X509Facts } from '../signing/x509.ts';
import type { Attested } from './attested.ts';
import { issuerPath } from './issuerPath.ts';
import type { IssuerPath } from './issuerPath.ts';
import type { KnownIssuers } from './knownIssuers.ts';
import { cardPath, isCardEvidence, isCardRequest, readCardAttestation } from './smartCardHsm.ts';
import { readPivAttestation } from './yubicoPiv.ts';
import { readYubiHsmAttestation, yubiHsmSerial } from './yubiHsm.ts';

/** What the key is known to be. */
export interface Expected {
  /** DER SubjectPublicKeyInfo. */
  readonly spki?: Uint8Array | undefined;
  /** Of the token, as its module says it. */
  readonly serial?: string | undefined;
}

export interface Attestation {
  readonly verdict: AttestationVerdict;
  /** Why, in a sentence without its full stop. */
  readonly reason: string;
  /** What the device says: to be believed where the verdict is not `unproven`. */
  readonly attested: Attested | undefined;
  /** DER SubjectPublicKeyInfo of the attested key. */
  readonly spki: Uint8Array | undefined;
  /** Names from the attestation up to the root. */
  readonly path: readonly string[];
  readonly notChecked: readonly string[];
}

interface Statement {
  readonly certificate: X509Facts;
  readonly attested: Attested;
  readonly spki: Uint8Array | undefined;
}

const datesNotJudged = 'the dates in the certificates: a device has no clock';

function statementOf(certificate: X509Facts): readonly Statement[] {
  const attested = readPivAttestation(certificate) ?? readYubiHsmAttestation(certificate);
  return attested === undefined ? [] : [{ certificate, attested, spki: certificatePublicKey(certificate.der) }];
}

function unproven(reason: string, more: Partial<Attestation> = {}): Attestation {
  return { attested: undefined, spki: undefined, path: [], notChecked: [datesNotJudged], ...more, verdict: 'unproven', reason };
}

/** SECURITY: the key that the vault knows is the key that is attested, bit for bit: any other attestation of that device is as good as none. */
function statementFor<S extends Pick<Statement, 'spki'>>(statements: readonly S[], { spki }: Expected): S | string {
  const [first, ...more] = statements;
  if (first === undefined) return 'what was given holds no attestation of a key';
  const own = spki === undefined ? (more.length === 0 ? first : undefined) : statements.find((one) => one.spki !== undefined && equalBytes(one.spki, spki));
  if (own !== undefined) return own;
  if (spki === undefined) return `what was given holds ${statements.length} attestations: give one at a time`;
  return `it is the attestation of another key${first.spki === undefined ? '' : `, whose public key has the SHA-256 ${toHex(sha256(first.spki))}`}`;
}

/** Some modules name a device by another number than its maker: only one of the maker's form can be compared, and others are said not to be. */
function numberOfToken(kind: AttestationKind, serial: string | undefined): string | undefined {
  if (serial === undefined) return undefined;
  if (kind === 'smartcard-hsm') return /^[A-Z]{2}[A-Z0-9]{3,9}$/.test(serial) ? serial : undefined;
  return /^\d{1,10}$/.test(serial) ? serial.replace(/^0+(?=\d)/, '') : undefined;
}

/** SECURITY: YubiKeys of a batch share the key that attests: which of them it was, the serial number alone says. */
function numberFault({ kind, device, serial }: Attested, expected: string | undefined): string | undefined {
  const wanted = numberOfToken(kind, expected);
  if (wanted === undefined || serial === undefined || serial === wanted) return undefined;
  return `it is the attestation of the ${device} with the serial number ${serial}, and ${wanted} was expected`;
}

function serialFault({ attested, certificate }: Statement, { issuers: [device] }: IssuerPath, expected: string | undefined): string | undefined {
  const { serial, kind } = attested;
  const ofDevice = kind === 'yubihsm' && device !== undefined ? yubiHsmSerial(device) : serial;
  if (serial !== ofDevice) return `the attestation "${certificate.subject}" and the certificate of its device have two serial numbers, ${serial} and ${ofDevice}`;
  return numberFault(attested, expected);
}

function notCheckedOf({ kind, serial }: Attested, expected: Expected): readonly string[] {
  const notCompared = expected.serial === undefined ? 'no serial number was given to compare' : `"${expected.serial}" is not a serial number of this maker`;
  return [
    datesNotJudged,
    ...(expected.spki === undefined ? ['whose key it is: no public key was given to compare'] : []),
    ...(serial === undefined ? ['which device it is: the attestation does not say its serial number'] : []),
    ...(serial !== undefined && numberOfToken(kind, expected.serial) === undefined ? [`which device it is: ${notCompared}`] : []),
  ];
}

/** SECURITY: a root of many purposes vouches for what its own authority for such devices issued, and for nothing else. */
function rootFault({ kind, device }: Attested, { issuers, root }: IssuerPath): string | undefined {
  if (root === undefined || issuers.length === 0) return `the attestation was not made by a ${device}`;
  const authority = issuers[1]?.subject ?? root.certificate.subject;
  const fits = root.attests === kind && (root.through === undefined || authority.startsWith(`CN=${root.through}`));
  return fits ? undefined : `the root "${root.name}" does not vouch for a ${device} of "${authority}"`;
}

function reasonOf({ device, serial, origin }: Attested, root: string): string {
  const who = `${device}${serial === undefined ? '' : ` with the serial number ${serial}`}`;
  return origin === 'generated' ? `the ${who} made the key itself; attested under "${root}"` : `the ${who} says that the key was brought to it; attested under "${root}"`;
}

function judge(statement: Statement, others: readonly X509Facts[], expected: Expected, known: KnownIssuers): Attestation {
  const { attested, certificate, spki } = statement;
  const path = issuerPath(certificate, others, known);
  const names = [certificate, ...path.issuers, ...(path.root === undefined ? [] : [path.root.certificate])].map(({ subject }) => subject);
  const seen = { attested, spki, path: names, notChecked: notCheckedOf(attested, expected) };
  const fault = path.broken ?? rootFault(attested, path) ?? serialFault(statement, path, expected.serial);
  if (fault !== undefined || path.root === undefined) return unproven(fault ?? 'it ends at no root', seen);
  if (attested.origin === undefined) return unproven(`the ${attested.device} does not say where the key comes from`, seen);
  return { ...seen, verdict: attested.origin === 'generated' ? 'generated-on-device' : 'imported', reason: reasonOf(attested, path.root.name) };
}

/** A card says where a key was born by having signed for it at all. */
function judgeCard(evidence: readonly Uint8Array[], expected: Expected, known: KnownIssuers): Attestation {
  const statement = statementFor(evidence.filter(isCardRequest).map(readCardAttestation), expected);
  if (typeof statement === 'string') return unproven(statement);
  const { attested, spki, request } = statement;
  const { path, root, broken } = cardPath(request, evidence.filter((one) => !isCardRequest(one)), known.cvcRoots);
  const seen = { attested, spki, path, notChecked: notCheckedOf(attested, expected) };
  const fault = broken ?? (spki === undefined ? 'its key is of a kind that is not read here' : numberFault(attested, expected.serial));
  if (fault !== undefined || root === undefined) return unproven(fault ?? 'it ends at no root', seen);
  return { ...seen, verdict: 'generated-on-device', reason: reasonOf(attested, root) };
}

/** What cannot be read shows nothing. */
export function verifyAttestation(evidence: readonly Uint8Array[], expected: Expected, known: KnownIssuers): Attestation {
  try {
    if (evidence.some(isCardEvidence)) return judgeCard(evidence.filter(isCardEvidence), expected, known);
    const certificates = evidence.map(readX509);
    const statement = statementFor(certificates.flatMap(statementOf), expected);
    if (typeof statement === 'string') return unproven(statement);
    return judge(statement, certificates.filter((one) => one !== statement.certificate), expected, known);
  } catch (error) {
    if (isStrongroomError(error, 'input-malformed')) return unproven(error.message);
    throw error;
  }
}
