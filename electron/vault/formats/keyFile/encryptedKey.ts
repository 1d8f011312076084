/** EncryptedPrivateKeyInfo, RFC 5958 §3: judged, then the password is asked, then opened. */
import { DerFields, firstValue, onlyValue } from '../../crypto/derReader.ts';
import { derTags } from '../../crypto/derValue.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { readPrivateKeyInfo } from '../../crypto/keyForms/privateKeyInfo.ts';
import type { ReadPair, ReadSecret } from '../../crypto/keyForms/readKey.ts';
import type { DerivationCost } from './derivationCost.ts';
import { wrongPassword } from './keyFileEntry.ts';
import type { KeyFileQuestions } from './keyFileEntry.ts';
import { passwordScheme } from './passwordScheme.ts';
import type { EncryptedForm, PasswordScheme } from './passwordScheme.ts';
import { withPassword } from './typedPassword.ts';
import type { TypedPassword } from './typedPassword.ts';

export interface EncryptedKey {
  readonly scheme: PasswordScheme;
  readonly bytes: Uint8Array;
}

/** @throws `input-malformed` for what is unknown, inconsistent or too dear */
export function encryptedKeyOf(node: DerValue, form: EncryptedForm, cost: DerivationCost): EncryptedKey {
  const fields = new DerFields(node, 'encrypted PKCS#8 key');
  const algorithm = fields.take(derTags.sequence, 'encryptionAlgorithm');
  const bytes = fields.take(derTags.octetString, 'encryptedData').content;
  fields.end();
  return { scheme: passwordScheme(algorithm, bytes, form, cost), bytes };
}

/** A wrong password leaves a padding that fits once in 256 times: what comes out is one SEQUENCE that begins with a version, or the password was wrong. */
function isKeyInfo(plain: Uint8Array): boolean {
  try {
    const node = onlyValue(plain);
    return node.tag === derTags.sequence && firstValue(node.content).tag === derTags.integer;
  } catch {
    return false; // the caller says that the password is wrong
  }
}

/** @throws `wrong-file-password`, `input-malformed` */
export async function openEncryptedKey({ scheme, bytes }: EncryptedKey, password: TypedPassword, what: string, bmp?: Uint8Array): Promise<ReadPair | ReadSecret> {
  const plain = await scheme.open(password, bytes, bmp);
  try {
    if (plain === undefined || !isKeyInfo(plain)) throw wrongPassword(what);
    return readPrivateKeyInfo(onlyValue(plain));
  } finally {
    plain?.fill(0); // SECURITY: the key lives in its entry now
  }
}

/** @throws `wrong-file-password`, `input-malformed` */
export async function readEncryptedKey(node: DerValue, ask: KeyFileQuestions, cost: DerivationCost): Promise<ReadPair | ReadSecret> {
  const form = 'encrypted PKCS#8 key';
  const encrypted = encryptedKeyOf(node, 'pkcs8', cost);
  const notes = [`encrypted with ${encrypted.scheme.description}`];
  const read = await withPassword(ask, { form, notes }, (password) => openEncryptedKey(encrypted, password, form));
  return { ...read, notes: [...read.notes, ...notes] };
}
