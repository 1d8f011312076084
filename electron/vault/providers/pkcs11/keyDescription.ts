/** A token's key objects as keys: named, their algorithm read, their attributes as facts. */
import { algorithms } from '../../../../shared/model/terms.ts';
import type { Algorithm } from '../../../../shared/model/terms.ts';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { flagAttributes } from '../../../pkcs11-wire/keyShapes.ts';
import type { KeyFacts, KeyName, OwnClass, PublicKey } from '../../../pkcs11-wire/keyShapes.ts';
import type { TokenName } from '../../../pkcs11-wire/messages.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { rsaPublicNumbers, rsaSpki } from '../../crypto/rsaPublicNumbers.ts';
import { readSpki, writeSpki } from '../../crypto/spki.ts';
import { readPublicKey } from '../../crypto/publicKeyReader.ts';
import type { KeyRef, ProviderKey } from '../provider.ts';
import { attributeName } from './keyReadBack.ts';
import { formatPkcs11Uri, parsePkcs11Uri } from './pkcs11Uri.ts';

/** A key as a reference names it. */
export interface NamedKey {
  readonly name: KeyName;
  readonly class: OwnClass;
}

const uriType = { secret: 'secret-key', private: 'private' } as const;

export function nameOf(key: Pick<KeyFacts, 'id' | 'label'>): KeyName {
  return key.id.length > 0 ? { id: key.id } : { label: key.label };
}

export function sameName(one: KeyName, other: KeyName): boolean {
  if ('id' in one) return 'id' in other && equalBytes(one.id, other.id);
  return 'label' in other && one.label === other.label;
}

export function keyRef(token: TokenName, key: KeyFacts): KeyRef {
  const manufacturer = token.manufacturer === undefined ? {} : { manufacturer: token.manufacturer };
  // A key that another program made without a CKA_ID is named by its label, as long as no other such key of its class has it.
  const name = nameOf(key);
  const object = 'id' in name ? { id: name.id } : { object: name.label };
  return formatPkcs11Uri({ token: token.label, serial: token.serial, ...manufacturer, ...object, type: key.class === 'secret' ? uriType.secret : uriType.private });
}

/** @throws `request-invalid`, `token-key-missing` for a key of another token */
export function keyNameOf(ref: KeyRef, token: TokenName): NamedKey {
  const uri = parsePkcs11Uri(ref);
  if (uri.serial !== token.serial || uri.token !== token.label) {
    throw new StrongroomError('token-key-missing', `"ref" expected a key of the token "${token.label}" with serial "${token.serial}", got one of another`, { field: 'ref' });
  }
  const cls = uri.type === 'secret-key' ? 'secret' : 'private';
  if (uri.type !== uriType[cls]) throw new StrongroomError('request-invalid', '"ref" expected type=secret-key or type=private', { field: 'ref' });
  if (uri.id !== undefined && uri.id.length > 0) return { name: { id: uri.id }, class: cls };
  if (uri.object !== undefined && uri.object !== '') return { name: { label: uri.object }, class: cls };
  throw new StrongroomError('token-cannot', 'the key has neither CKA_ID nor label, by which keys are told apart', {
    field: 'ref',
    nextStep: 'give the key a CKA_ID: pkcs11-tool --set-id, or the program that made it',
  });
}

/** Of a generic secret by its length, which is what each HMAC's key has when it is made (RFC 2104 §3). */
export function algorithmOf({ keyType, bits, curve }: KeyFacts): Algorithm | undefined {
  if (keyType === 'generic') return algorithms.find((algorithm) => algorithm === `hmac-sha${bits}`);
  return curve ?? algorithms.find((algorithm) => algorithm === `${keyType}-${bits}`);
}

/** The ECB method says something of the block cipher under this key, so it is given for wrapping keys only, where tokens and people compare by it. */
function kcvOf({ flags, checkValue }: KeyFacts): Pick<ProviderKey, 'kcv'> {
  const wrapsOnly = (flags.wrap === true || flags.unwrap === true) && flags.encrypt === false && flags.decrypt === false;
  return wrapsOnly && checkValue !== undefined ? { kcv: { value: checkValue, method: 'ecb' } } : {};
}

type Numbers = Pick<KeyFacts, 'modulus' | 'exponent' | 'curve' | 'point'>;

/** SECURITY: each object is looked at beside every other: a token with thousands of them, true or made up, would hold up the core, and with it a lock. */
const spkis = new WeakMap<Numbers, { readonly spki: Uint8Array | undefined }>();

/** SubjectPublicKeyInfo of an object that has all its numbers. @returns undefined also for numbers of another program's making that are no key */
export function spkiOf(numbers: Numbers): Uint8Array | undefined {
  const known = spkis.get(numbers) ?? { spki: readNumbers(numbers) };
  spkis.set(numbers, known);
  return known.spki;
}

function readNumbers({ modulus, exponent, curve, point }: Numbers): Uint8Array | undefined {
  try {
    if (modulus !== undefined && exponent !== undefined) return rsaSpki({ modulus, exponent });
    if (curve === undefined || point === undefined) return undefined;
    return readPublicKey(writeSpki(curve, point))?.spki; // a point that is not on the curve is no key
  } catch {
    return undefined;
  }
}

/** A public key as the wire has it. @throws Error for one of a kind that no token has */
export function wirePublicKey(spki: Uint8Array): PublicKey {
  const parts = readSpki(spki);
  if (parts?.kind === 'rsa') return { rsa: rsaPublicNumbers(spki) };
  if (parts === undefined || parts.kind === 'rsa-pss' || parts.kind === 'ml-dsa-65' || parts.kind === 'ml-kem-768') throw new Error('"publicKey" expected RSA, EC, Ed25519 or X25519');
  return { curve: { curve: parts.kind, point: parts.raw } };
}

/** The flags that are on, by their CKA_ names. */
export function attributesOf({ flags }: KeyFacts): readonly string[] {
  return flagAttributes.filter((name) => flags[name] === true).map(attributeName);
}

/** @param publicKey of a pair, where it is known */
export function describe(token: TokenName, key: KeyFacts, publicKey: Uint8Array | undefined): ProviderKey {
  const common = {
    ref: keyRef(token, key),
    id: key.id,
    label: key.label,
    algorithm: algorithmOf(key),
    // SECURITY: what a module does not say is taken for the answer that allows less
    exportable: key.flags.extractable === true,
    sensitive: key.flags.sensitive === true,
    attributes: attributesOf(key),
    ...(key.keyType === 'generic' && key.bits !== undefined ? { bits: key.bits } : {}),
  };
  return key.class === 'secret' ? { ...common, kind: 'secret', ...kcvOf(key) } : { ...common, kind: 'pair', ...(publicKey === undefined ? {} : { publicKey }) };
}
