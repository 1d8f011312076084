/** A token's key objects as keys: halves joined, attributes read as facts. */
import { algorithms } from '../../../../shared/model/terms.ts';
import type { Algorithm } from '../../../../shared/model/terms.ts';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { KeyClass, KeyFacts, TokenName } from '../../../pkcs11-wire/messages.ts';
import { toHex } from '../../crypto/bytes.ts';
import { rsaSpki } from '../../crypto/rsaPublicNumbers.ts';
import type { KeyRef, ProviderKey } from '../provider.ts';
import { formatPkcs11Uri, parsePkcs11Uri } from './pkcs11Uri.ts';

export type OwnClass = Exclude<KeyClass, 'public'>;

export interface KeyName {
  readonly id: Uint8Array;
  readonly class: OwnClass;
}

const uriType = { secret: 'secret-key', private: 'private' } as const;

export function keyRef(token: TokenName, key: KeyFacts): KeyRef {
  const manufacturer = token.manufacturer === undefined ? {} : { manufacturer: token.manufacturer };
  // A key that another program made without a CKA_ID is named by its label, for people; it cannot be used by that name.
  const object = key.id.length > 0 ? { id: key.id } : { object: key.label };
  return formatPkcs11Uri({
    token: token.label,
    serial: token.serial,
    ...manufacturer,
    ...object,
    type: key.class === 'secret' ? uriType.secret : uriType.private,
  });
}

/** @throws `request-invalid`, `token-key-missing` for a key of another token, `token-cannot` for one without a CKA_ID */
export function keyNameOf(ref: KeyRef, token: TokenName): KeyName {
  const uri = parsePkcs11Uri(ref);
  if (uri.serial !== token.serial || uri.token !== token.label) {
    throw new StrongroomError('token-key-missing', `"ref" expected a key of the token "${token.label}" with serial "${token.serial}", got one of another`, {
      field: 'ref',
    });
  }
  if (uri.id === undefined || uri.id.length === 0) {
    throw new StrongroomError('token-cannot', 'the key has no CKA_ID, by which keys are told apart', {
      nextStep: 'give the key a CKA_ID with the program that made it',
    });
  }
  const cls = uri.type === 'secret-key' ? 'secret' : 'private';
  if (uri.type !== uriType[cls]) throw new StrongroomError('request-invalid', '"ref" expected type=secret-key or type=private', { field: 'ref' });
  return { id: uri.id, class: cls };
}

function algorithmOf({ keyType, bits }: KeyFacts): Algorithm | undefined {
  return algorithms.find((algorithm) => algorithm === `${keyType}-${bits}`);
}

/** The ECB method says something of the block cipher under this key, so it is given for wrapping keys only, where tokens and people compare by it. */
function kcvOf({ flags, checkValue }: KeyFacts): Pick<ProviderKey, 'kcv'> {
  const wrapsOnly = (flags.wrap === true || flags.unwrap === true) && flags.encrypt === false && flags.decrypt === false;
  return wrapsOnly && checkValue !== undefined ? { kcv: { value: checkValue, method: 'ecb' } } : {};
}

function publicKeyOf(half: KeyFacts | undefined, key: KeyFacts): Pick<ProviderKey, 'publicKey'> {
  const modulus = half?.modulus ?? key.modulus;
  const exponent = half?.exponent ?? key.exponent;
  if (modulus === undefined || exponent === undefined) return {};
  try {
    return { publicKey: rsaSpki({ modulus, exponent }) };
  } catch {
    return {}; // numbers of another program's making that are no RSA key: the others are listed all the same
  }
}

/** @param half the public half of a pair, where the token has it */
export function describe(token: TokenName, key: KeyFacts, half: KeyFacts | undefined): ProviderKey {
  const common = {
    ref: keyRef(token, key),
    id: key.id,
    label: key.label,
    algorithm: algorithmOf(key),
    // SECURITY: what a module does not say is taken for the answer that allows less
    exportable: key.flags.extractable === true,
    sensitive: key.flags.sensitive === true,
  };
  return key.class === 'secret' ? { ...common, kind: 'secret', ...kcvOf(key) } : { ...common, kind: 'pair', ...publicKeyOf(half, key) };
}

/** Secret keys and private keys, each with its public half by CKA_ID. A public key alone is nobody's key here. */
export function describeAll(token: TokenName, keys: readonly KeyFacts[]): readonly ProviderKey[] {
  const halves = new Map(keys.filter((key) => key.class === 'public' && key.id.length > 0).map((key) => [toHex(key.id), key]));
  return keys.filter((key) => key.class !== 'public').map((key) => describe(token, key, halves.get(toHex(key.id))));
}
