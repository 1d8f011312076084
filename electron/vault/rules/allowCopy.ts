/** Rules KEY-COPY-*: whether a key version can go from where it is to another token, by which format and with which proof; asked before anything is made. */
import { refusal, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts, mechanismsOf, rsaStrength } from '../../../shared/lifecycle/purposes.ts';
import type { Capabilities } from '../../../shared/model/capabilities.ts';
import { formatsOfPairs, isTwoSteps, oaepFormats, oaepHashOf, oaepLimit } from '../../../shared/model/wrapFormats.ts';
import type { Algorithm, CopyProof, Derivation, SignatureMechanism, WrapFormat } from '../../../shared/model/terms.ts';
import type { KeyRecord, Place } from '../records/records.ts';
import { allowToRecipient, allowTravel, effectiveStrength, ownStrength, samePlace } from './allowExport.ts';
import type { Travel } from './allowExport.ts';

export type TransportAlgorithm = 'rsa-3072' | 'rsa-4096';

/** What a person asks of the way. */
export interface WantedWay {
  readonly transport: TransportAlgorithm;
  /** `computer`: the clear key may pass through this computer. */
  readonly ephemeralKey: 'place' | 'computer';
  /** Not asked where a plan is made: it says the strength instead. */
  readonly acceptStrength: number | 'any' | undefined;
}

/** One end of the way, as it was looked at. */
export interface End {
  /** In a sentence: `the token "backup"`. */
  readonly noun: string;
  readonly place: Place;
  readonly can: Capabilities;
}

export interface WantedCopy {
  readonly travel: Travel;
  readonly from: End;
  /** The key as its place has it now. */
  readonly found: { readonly exportable: boolean; readonly attributes?: readonly string[] } | undefined;
  readonly to: End;
  /** Labels that keys there have. */
  readonly labels: ReadonlySet<string>;
  readonly label: string;
  readonly wanted: WantedWay;
}

/** How both ends show that they hold the same key: with what both can do. */
export type ProofWay =
  | { readonly proof: 'signature'; readonly mechanism: SignatureMechanism }
  | { readonly proof: 'mac' }
  | { readonly proof: 'encryption'; readonly by: 'gcm' | 'cbc' }
  | { readonly proof: 'wrapping' }
  | { readonly proof: 'unwrapping'; readonly format: WrapFormat }
  | { readonly proof: 'agreement'; readonly derivation: Derivation; readonly algorithm: Algorithm };

export interface Way {
  readonly format: WrapFormat;
  /** Where the ephemeral AES key of RSA-AES-KWP is made. */
  readonly ephemeral: 'place' | 'computer';
  readonly proof: ProofWay;
  readonly ownStrength: number;
  readonly effectiveStrength: number;
}

export const proofWords: Readonly<Record<CopyProof, string>> = {
  signature: 'both sign a fresh challenge, which the recorded public key verifies',
  mac: 'both make the same tag of a fresh challenge',
  encryption: 'each opens a fresh challenge under the key of the other',
  wrapping: 'both wrap the key under itself, to the same blob',
  unwrapping: 'the copy opens a fresh key that was wrapped to the recorded public key',
  agreement: 'the copy agrees with a fresh pair on what the recorded public key gives',
};

function cannot(message: string, nextStep: string): StrongroomError {
  return new StrongroomError('token-cannot', message, { field: 'to', nextStep });
}

/** @throws `request-invalid`, `refused` KEY-COPY-3 */
export function allowDestination(to: Place): void {
  if (to.kind === 'software') throw refusal('KEY-COPY-3', 'a key on a token does not come into the file of the vault: it would be no safer there than the passphrase', 'name a token; a key is handed to others by `key export`');
}

/** @throws what says why this version cannot go, in the order in which a person could do something about it */
export function allowCopy(copy: WantedCopy): Way {
  const { travel, from, to, wanted } = copy;
  const { key, version } = travel;
  allowDestination(to.place);
  if (samePlace(from.place, to.place)) throw new StrongroomError('request-invalid', `"to" expected another place: "${key.name}" lives on ${to.noun}`, { field: 'to' });
  allowTravel(travel, 'rsa-aes-kwp-sha256');
  assertThere(copy);
  const held = (version.copies ?? []).some(({ destroyedAt, place }) => destroyedAt === undefined && samePlace(place, to.place));
  if (held) throw new StrongroomError('already-exists', `${to.noun} holds a copy of "${key.name}" version ${version.number} already`, { field: 'to', nextStep: `destroy it first with \`key destroy ${key.name} --copy-on\`, or make it the place with \`key promote\`` });
  if (copy.labels.has(copy.label)) throw new StrongroomError('already-exists', `${to.noun} has a key with the label "${copy.label}" already`, { field: 'to', nextStep: 'see `token info`: another program made it, or it was copied outside of this vault' });
  if (!to.can.algorithms.includes(key.algorithm)) throw cannot(`${to.noun} has no ${key.algorithm} keys`, 'choose another token');
  const way = { ...(wanted.ephemeralKey === 'computer' ? throughComputer(copy) : fromTokenToToken(copy)), proof: proofOf(key, from, to) };
  const strength = rsaStrength(algorithmFacts[wanted.transport].bits);
  const effective = effectiveStrength(travel, strength);
  allowToRecipient(travel, strength, wanted.acceptStrength === 'any' ? effective : wanted.acceptStrength, 'choose --transport rsa-4096, as far as that goes');
  return { ...way, ownStrength: ownStrength(travel), effectiveStrength: effective };
}

/** SECURITY: what the token says now goes before what it said when the key was made. @throws `token-key-missing`, `refused` KEY-EXPORT-1 */
function assertThere({ travel: { key, version }, found, from }: WantedCopy): void {
  const named = `"${key.name}" version ${version.number}`;
  if (found === undefined) throw new StrongroomError('token-key-missing', `${named} is not on ${from.noun} any more`, { nextStep: 'see `token info`' });
  if (!found.exportable) throw refusal('KEY-EXPORT-1', `${named} never leaves ${from.noun}: CKA_EXTRACTABLE is false and can never be changed`, 'generate a key with --exportable; what a key may do is fixed when it is made');
  if (found.attributes?.includes('CKA_WRAP_WITH_TRUSTED') === true) throw refusal('KEY-EXPORT-1', `${named} leaves ${from.noun} only under keys that its SO trusts: CKA_WRAP_WITH_TRUSTED is true`, "use the token's own backup");
}

/** The formats that this key could go by, the best first. */
function formatsOf({ key, version }: Travel, transport: TransportAlgorithm): readonly WrapFormat[] {
  if (algorithmFacts[key.algorithm].kind === 'pair') return formatsOfPairs.filter(isTwoSteps);
  const bytes = Math.ceil((version.bits ?? algorithmFacts[key.algorithm].bits) / 8);
  const direct = oaepFormats.filter((format) => bytes <= oaepLimit(algorithmFacts[transport].bits / 8, oaepHashOf(format) ?? 'sha512'));
  return [...direct, 'rsa-aes-kwp-sha256', 'rsa-aes-kwp-sha1'];
}

function fromTokenToToken({ travel, from, to, wanted: { transport } }: WantedCopy): Pick<Way, 'format' | 'ephemeral'> {
  const { key, version } = travel;
  const isPair = algorithmFacts[key.algorithm].kind === 'pair';
  const clear = to.can.imports.includes(key.algorithm) ? 'let it pass through this computer: --ephemeral-key computer' : 'choose another token, or generate a key there';
  if (!to.can.algorithms.includes(transport)) throw cannot(`${to.noun} makes no ${transport} pair that could open what travels`, clear);
  if (to.can.unwrapFormats.length === 0) throw cannot(`${to.noun} opens no wrapped keys`, clear);
  if (isPair && !from.can.wrapsPairs.includes(key.algorithm)) throw cannot(`${from.noun} does not wrap private keys of ${key.algorithm}: "${key.name}" stays on it`, 'generate a key on the other token, and certify it');
  if (isPair && !to.can.unwrapsPairs.includes(key.algorithm)) throw cannot(`${to.noun} opens no wrapped private keys of ${key.algorithm}`, clear);
  if (isPair && !tellsItsHalf(key)) throw cannot(`${to.noun} takes no wrapped ${key.algorithm} key for ${key.purpose}: nothing would tell its public half`, clear);
  if (version.bits !== undefined && version.bits !== algorithmFacts[key.algorithm].bits) throw cannot(`"${key.name}" has ${version.bits} bits: a wrapped ${key.algorithm} key is taken with ${algorithmFacts[key.algorithm].bits} bits only`, clear);
  const format = formatsOf(travel, transport).find((one) => from.can.wrapFormats.includes(one) && to.can.unwrapFormats.includes(one));
  if (format === undefined) throw cannot(`${from.noun} wraps by ${listed(from.can.wrapFormats)}, and ${to.noun} opens ${listed(to.can.unwrapFormats)}: "${key.name}" has no way in common`, clear);
  return { format, ephemeral: 'place' };
}

/** An RSA pair shows its numbers; one on a curve gives them away when it signs. */
function tellsItsHalf({ algorithm, purpose }: KeyRecord): boolean {
  return algorithmFacts[algorithm].family !== 'ec' || purpose === 'signature' || purpose === 'authentication';
}

/** Wrapped to a pair of this computer, opened here, and given to the token in clear. */
function throughComputer({ travel, from, to, wanted: { transport } }: WantedCopy): Pick<Way, 'format' | 'ephemeral'> {
  const { key } = travel;
  if (!to.can.imports.includes(key.algorithm)) throw cannot(`${to.noun} takes no clear ${key.algorithm} keys`, 'leave out --ephemeral-key: it may open a wrapped one');
  const isPair = algorithmFacts[key.algorithm].kind === 'pair';
  if (isPair && !from.can.wrapsPairs.includes(key.algorithm)) throw cannot(`${from.noun} does not wrap private keys of ${key.algorithm}: "${key.name}" stays on it`, 'generate a key on the other token, and certify it');
  const format = formatsOf(travel, transport).find((one) => from.can.wrapFormats.includes(one));
  if (format !== undefined) return { format, ephemeral: 'place' };
  if (from.can.wrapFormats.includes('aes-kwp')) return { format: 'rsa-aes-kwp-sha256', ephemeral: 'computer' };
  throw cannot(`${from.noun} wraps by ${listed(from.can.wrapFormats)}: "${key.name}" has no way out of it`, 'choose a key that is in another place');
}

function listed(formats: readonly WrapFormat[]): string {
  return formats.length === 0 ? 'nothing' : formats.join(', ');
}

/** @throws `token-cannot` where nothing that both can do would prove it: then it is not copied either (rule KEY-COPY-1) */
function proofOf(key: KeyRecord, { can: one, noun }: End, { can: other, noun: otherNoun }: End): ProofWay {
  const { algorithm, purpose } = key;
  const both = <T>(of: (can: Capabilities) => readonly T[], what: T) => of(one).includes(what) && of(other).includes(what);
  const mechanism = purpose === 'signature' || purpose === 'authentication' ? mechanismsOf(algorithm).find((what) => both((can) => can.signatureMechanisms, what)) : undefined;
  if (mechanism !== undefined) return { proof: 'signature', mechanism };
  if (purpose === 'mac' && both((can) => can.macs, algorithm)) return { proof: 'mac' };
  if (purpose === 'data-encryption' && one.aesGcm && other.aesGcm) return { proof: 'encryption', by: 'gcm' };
  if (purpose === 'data-encryption' && one.aesCbc && other.aesCbc) return { proof: 'encryption', by: 'cbc' };
  if (purpose === 'key-wrapping' && both((can) => can.wrapFormats, 'aes-kw')) return { proof: 'wrapping' };
  const opens = (['rsa-oaep-sha256', 'rsa-oaep-sha1'] as const).find((format) => other.unwrapFormats.includes(format));
  if (purpose === 'key-transport' && opens !== undefined && other.macs.includes('hmac-sha256')) return { proof: 'unwrapping', format: opens };
  const agreed = purpose === 'key-agreement' ? agreementOf(algorithm, other) : undefined;
  if (agreed !== undefined) return agreed;
  throw cannot(`${noun} and ${otherNoun} have no operation in common that would prove that both hold "${key.name}" (${algorithm}, ${purpose})`, 'choose another token');
}

/** The whole of a shared secret is a key that the place makes tags with: its length is that of the curve's field. */
const wholeSecrets: Readonly<Partial<Record<Algorithm, Algorithm>>> = { 'ec-p256': 'hmac-sha256', 'ec-p384': 'hmac-sha384', x25519: 'hmac-sha256' };

function agreementOf(curve: Algorithm, { derivations, macs }: Capabilities): ProofWay | undefined {
  if (derivations.includes('ecdh-x963-sha256') && macs.includes('hmac-sha256')) return { proof: 'agreement', derivation: 'ecdh-x963-sha256', algorithm: 'hmac-sha256' };
  const whole = wholeSecrets[curve];
  return whole !== undefined && derivations.includes('ecdh-raw') && macs.includes(whole) ? { proof: 'agreement', derivation: 'ecdh-raw', algorithm: whole } : undefined;
}
