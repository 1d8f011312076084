/**
 * The attestation of a SmartCard-HSM (also the Nitrokey HSM): the request for a card verifiable certificate that the card made of a key when it
 * generated it, signed by the card's own key too, whose certificate goes up to CardContact's scheme root. An imported key has none.
 */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { verifyBrainpoolP256 } from '../../crypto/brainpool.ts';
import { equalBytes, fromHex, toHex } from '../../crypto/bytes.ts';
import { bitString, encodeDer, integer, octetString, oid, sequence } from '../../crypto/derWriter.ts';
import { normalSpki } from '../../crypto/keyForms/normalSpki.ts';
import { rsaSpki } from '../../crypto/rsaPublicNumbers.ts';
import type { Attested } from './attested.ts';
import { cvcTags, cvcValues, readAuthenticatedRequest, readCvc } from './cvc.ts';
import type { AuthenticatedRequest, Cvc } from './cvc.ts';
import type { KnownCvcRoot } from './knownIssuers.ts';

/** id-TA-ECDSA-SHA-256 and id-TA-RSA-v1-5-SHA-256, TR-03110-3 §A.7.3: for what a key signs, and so its kind. */
const ecKind = '04007f00070202020203';
const rsaKind = '04007f00070202020102';
/** 1.3.6.1.4.1.24991.3.1.1: the roles of CardContact's scheme; the two highest bits tell an authority. */
const roleOid = fromHex('2b0601040181c31f030101');
const authorityBits = 0xc0;

/** Tags of a public key, TR-03110-3 §D.3. */
type Numbers = ReadonlyMap<string, Uint8Array>;

function numbersOf(publicKey: Uint8Array): Numbers {
  return new Map(cvcValues(publicKey).map(({ tag, content }) => [tag, content]));
}

const [oidOfEcKey, oidOfPrimeField] = ['2a8648ce3d0201', '2a8648ce3d0101'];

/** SubjectPublicKeyInfo with the numbers of the curve written out: whether they are a known curve's is judged where all such files are. */
function ecSpki(named: (tag: string) => Uint8Array): Uint8Array {
  const field = sequence(oid(oidOfPrimeField), integer(named('81')));
  const curve = sequence(octetString(named('82')), octetString(named('83')));
  const domain = sequence(integer(Uint8Array.of(1)), field, curve, octetString(named('84')), integer(named('85')), integer(named('87')));
  return encodeDer(sequence(sequence(oid(oidOfEcKey), domain), bitString(named('86'))));
}

/** @returns undefined for a key of a kind or on a curve that the vault does not know */
function spkiOf({ publicKey }: Cvc): Uint8Array | undefined {
  const numbers = numbersOf(publicKey);
  const named = (tag: string) => numbers.get(tag) ?? new Uint8Array(0);
  const kind = toHex(named('06'));
  try {
    if (kind === rsaKind) return normalSpki(rsaSpki({ modulus: named('81'), exponent: named('82') })).spki;
    return kind === ecKind ? normalSpki(ecSpki(named)).spki : undefined;
  } catch (error) {
    if (error instanceof StrongroomError) return undefined;
    throw error;
  }
}

/** SECURITY: the scheme's curve is the root's, and the root is known by its bytes: no numbers of a file are computed with. */
function isSignedBy(signed: Uint8Array, signature: Uint8Array, issuer: Cvc): boolean {
  const numbers = numbersOf(issuer.publicKey);
  const point = numbers.get('86');
  return point !== undefined && toHex(numbers.get('06') ?? new Uint8Array(0)) === ecKind && verifyBrainpoolP256(point, signed, signature);
}

/** SECURITY: a card's own key signs requests, and no certificates. */
function isAuthority({ role }: Cvc): boolean {
  const [id, bits] = role === undefined ? [] : cvcValues(role);
  return id !== undefined && equalBytes(id.content, roleOid) && ((bits?.content[0] ?? 0) & authorityBits) !== 0;
}

export interface CardStatement {
  readonly attested: Attested;
  readonly spki: Uint8Array | undefined;
  readonly request: AuthenticatedRequest;
}

/** The card's reference ends with a sequence number of five digits: its serial number comes before. */
function serialOf(authority: string): string {
  return authority.slice(0, -5);
}

/** @param whole of tag 67 @throws `input-malformed` */
export function readCardAttestation(whole: Uint8Array): CardStatement {
  const request = readAuthenticatedRequest(whole);
  const attested: Attested = { kind: 'smartcard-hsm', device: 'SmartCard-HSM', origin: 'generated', serial: serialOf(request.authority), facts: [`card ${request.authority}`, 'a copy may leave the card under its DKEK, where it was given one'] };
  return { attested, spki: spkiOf(request.request), request };
}

export interface CardPath {
  /** Names from the attestation up to the root. */
  readonly path: readonly string[];
  readonly root: string | undefined;
  readonly broken: string | undefined;
}

/** The one that a reference names, and that signed. */
function issuerOf(reference: string, signed: Uint8Array, signature: Uint8Array, issuers: readonly Cvc[]): Cvc | undefined {
  return issuers.find((issuer) => issuer.holder === reference && isSignedBy(signed, signature, issuer));
}

/** The card, its issuer, the scheme root: three levels, and no other number (SmartCard-HSM user manual, device authentication). */
export function cardPath({ request, authority, signed, signature }: AuthenticatedRequest, certificates: readonly Uint8Array[], roots: readonly KnownCvcRoot[]): CardPath {
  const others = certificates.map(readCvc);
  const known = roots.map(({ bytes }) => readCvc(bytes));
  const card = issuerOf(authority, signed, signature, others);
  if (card === undefined) return { path: [request.holder], root: undefined, broken: `the card "${authority}" that it names did not sign it, or its certificate is not here` };
  const issuer = issuerOf(card.authority, card.signed, card.signature, others.filter(isAuthority));
  if (issuer === undefined) return { path: [request.holder, card.holder], root: undefined, broken: `the issuer "${card.authority}" of the card did not sign its certificate, or its own is not here` };
  const path = [request.holder, card.holder, issuer.holder];
  const root = issuerOf(issuer.authority, issuer.signed, issuer.signature, known);
  if (root === undefined) return { path, root: undefined, broken: `the root "${issuer.authority}" is not one that Strongroom knows` };
  return { path: [...path, root.holder], root: root.holder, broken: isAuthority(card) ? `the card "${card.holder}" is an authority, and no card` : undefined };
}

function beginsWith(bytes: Uint8Array, tag: string): boolean {
  return toHex(bytes.subarray(0, tag.length / 2)) === tag;
}

/** A request that a card signed: what attests. No X.509 certificate begins so. */
export function isCardRequest(bytes: Uint8Array): boolean {
  return beginsWith(bytes, cvcTags.request);
}

/** A request, or certificates of cards. */
export function isCardEvidence(bytes: Uint8Array): boolean {
  return isCardRequest(bytes) || beginsWith(bytes, cvcTags.certificate);
}
