/** Traditional PEM encryption of OpenSSL (RFC 1421 `Proc-Type: 4,ENCRYPTED`, `DEK-Info`): its key is one round of MD5, which is said. */
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { onlyValue } from '../../crypto/derReader.ts';
import { derTags } from '../../crypto/derValue.ts';
import { cbcCiphers, cbcDecrypt } from '../../crypto/foreignCiphers.ts';
import type { CbcCipher } from '../../crypto/foreignCiphers.ts';
import { malformed } from '../../crypto/malformed.ts';
import { traditionalPemKey } from '../../crypto/passwordKeys.ts';
import { wrongPassword } from './keyFileEntry.ts';
import type { KeyFileQuestions } from './keyFileEntry.ts';
import type { PrivatePemBlock } from './privatePem.ts';
import { hexOf, latin1ToBytes } from './textBytes.ts';
import { withPassword } from './typedPassword.ts';

const ciphers: Readonly<Record<string, CbcCipher>> = { 'AES-128-CBC': 'aes-128-cbc', 'AES-192-CBC': 'aes-192-cbc', 'AES-256-CBC': 'aes-256-cbc', 'DES-EDE3-CBC': 'des-ede3-cbc' };

export function isTraditionallyEncrypted({ headers }: PrivatePemBlock): boolean {
  return /ENCRYPTED/.test(headers.get('Proc-Type') ?? '');
}

function schemeOf({ headers, der }: PrivatePemBlock): { readonly cipher: CbcCipher; readonly iv: Uint8Array; readonly name: string } {
  const [name = '', ivText = ''] = (headers.get('DEK-Info') ?? '').split(',');
  const cipher = Object.hasOwn(ciphers, name) ? ciphers[name] : undefined;
  if (cipher === undefined) throw malformed(`the PEM block is encrypted with a cipher that is not read here (${shortLine(name, 100)})`, { nextStep: 'convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW.pem -provider legacy -provider default' });
  const iv = hexOf(latin1ToBytes(ivText));
  if (iv?.length !== cbcCiphers[cipher].iv || der.length === 0 || der.length % cbcCiphers[cipher].iv !== 0) throw malformed('the file is inconsistent: the IV or the length of the encrypted PEM block does not fit its cipher');
  return { cipher, iv, name };
}

function isSequence(plain: Uint8Array): boolean {
  try {
    return onlyValue(plain).tag === derTags.sequence;
  } catch {
    return false; // the caller says that the password is wrong
  }
}

/** The DER inside; the caller owns and wipes it. @throws `wrong-file-password`, `input-malformed` */
export async function openTraditionalPem(block: PrivatePemBlock, ask: KeyFileQuestions): Promise<{ readonly der: Uint8Array; readonly note: string }> {
  const { cipher, iv, name } = schemeOf(block);
  const form = `encrypted PEM block "${block.label}"`;
  const note = `encrypted with ${name} under one round of MD5: its password is quickly guessed, and nothing guards against a change`;
  const der = await withPassword(ask, { form, notes: [note] }, async (password) => {
    const key = traditionalPemKey(password.utf8, iv.subarray(0, 8), cbcCiphers[cipher].key);
    const plain = cbcDecrypt(cipher, key, iv, block.der, true);
    key.fill(0); // SECURITY: a key of one use
    return plain;
  });
  if (der !== undefined && isSequence(der)) return { der, note };
  der?.fill(0);
  throw wrongPassword(form);
}
