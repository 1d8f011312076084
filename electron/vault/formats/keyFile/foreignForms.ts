/** Key files that are not read here, told by their first bytes: each is named, with the command that makes a readable file of it. */
import { equalBytes, fromHex } from '../../crypto/bytes.ts';
import { notReadHere } from './keyFileEntry.ts';
import { bytesToLatin1, latin1ToBytes, textOf, trimmed } from './textBytes.ts';

interface ForeignForm {
  readonly begins: Uint8Array;
  readonly what: string;
  readonly command: string;
}

const keytool = (options: string) => `keytool -importkeystore -srckeystore FILE ${options}-destkeystore NEW.p12 -deststoretype PKCS12`;
const bouncyCastle = '-providerclass org.bouncycastle.jce.provider.BouncyCastleProvider -providerpath bcprov.jar ';
const gpg = 'gpg --export-secret-keys KEYID | openpgp2ssh KEYID > NEW.pem';
const ascii = (text: string, what: string, command: string): ForeignForm => ({ begins: latin1ToBytes(text), what, command });
const binary = (hex: string, what: string, command: string): ForeignForm => ({ begins: fromHex(hex), what, command });

const binaryForms: readonly ForeignForm[] = [
  binary('feedfeed', 'a Java key store (JKS)', keytool('-srcstoretype JKS ')),
  binary('cececece', 'a Java key store (JCEKS)', keytool('-srcstoretype JCEKS ')),
  binary('1ef1b5b0', "a private key of Microsoft's (PVK)", 'openssl rsa -inform PVK -in FILE -out NEW.pem'),
  binary('03d9a29a', 'a KeePass database', 'keepassxc-cli attachment-export FILE ENTRY ATTACHMENT NEW'),
  ascii('SSH PRIVATE KEY FILE FORMAT 1.1\n', 'a private key of SSH version 1', 'none: make a new pair with ssh-keygen -t ed25519'),
  ascii('age-encryption.org/v1', 'an encrypted age file', 'age -d -i IDENTITY FILE > NEW'),
  ascii('SQLite format 3\0', 'an SQLite database (a vault, or the key4.db of NSS)', 'pk12util -o NEW.p12 -n NICKNAME -d sql:FOLDER, for NSS'),
  ascii('Salted__', 'a file that openssl enc encrypted', 'openssl enc -d -CIPHER -pbkdf2 -in FILE -out NEW'),
  binary('504b0304', 'a ZIP archive', 'unzip FILE'),
  binary('1f8b', 'a gzip archive', 'gunzip FILE'),
];

const textForms: readonly ForeignForm[] = [
  ascii('PuTTY-User-Key-File-', 'a private key of PuTTY (.ppk)', 'puttygen FILE -O private-openssh-new -o NEW'),
  ascii('-----BEGIN PGP', 'an OpenPGP file', gpg),
  ascii('-----BEGIN AGE ENCRYPTED FILE-----', 'an encrypted age file', 'age -d -i IDENTITY FILE > NEW'),
  ascii('AGE-SECRET-KEY-1', 'an age identity', 'none: age keeps its own keys; make a pair here'),
  ascii('---- BEGIN SSH2', 'a private key of ssh.com', 'ssh-keygen -i -f FILE > NEW'),
  ascii('untrusted comment:', 'a key of minisign or signify', 'none: minisign keeps its own keys; make a pair here'),
  ascii('Private-key-format:', 'a private key of DNSSEC (BIND)', 'none: BIND keeps its own keys; make a pair here'),
];

/** BKS: version 1 or 2, then a salt of 20 bytes; and its older kin UBER. */
function isBouncyCastle(bytes: Uint8Array): boolean {
  return bytes.length > 28 && equalBytes(bytes.subarray(0, 3), new Uint8Array(3)) && [1, 2].includes(bytes[3] ?? 0) && equalBytes(bytes.subarray(4, 8), Uint8Array.of(0, 0, 0, 20));
}

/** A secret key packet of OpenPGP (RFC 9580 §5.5.1.3): tag 5 with a length of one or two bytes, then version 4 to 6. */
function isOpenPgp(bytes: Uint8Array): boolean {
  const [first = 0] = bytes;
  const version = first === 0x94 ? bytes[2] : first === 0x95 ? bytes[3] : first === 0xc5 ? bytes[(bytes[1] ?? 0) < 192 ? 2 : 3] : undefined;
  return bytes.length > 64 && version !== undefined && version >= 3 && version <= 6;
}

const beginsWith = (bytes: Uint8Array, begins: Uint8Array) => equalBytes(bytes.subarray(0, begins.length), begins);

/** Armour may stand behind prose. */
function includes(text: Uint8Array, begins: Uint8Array): boolean {
  return Buffer.from(text.buffer, text.byteOffset, text.length).includes(bytesToLatin1(begins));
}

function isJwe(text: Uint8Array): boolean {
  return /^eyJ[\w-]*(\.[\w-]*){4}$/.test(new TextDecoder().decode(text));
}

/** @throws `input-malformed` with the command that converts, for a form that is known and not read */
export function refuseForeignForm(bytes: Uint8Array): void {
  // a secret of up to 64 bytes can begin with any two of them by chance
  const known = bytes.length <= 64 ? undefined : binaryForms.find(({ begins }) => beginsWith(bytes, begins));
  if (known !== undefined) throw notReadHere(known.what, known.command);
  if (isBouncyCastle(bytes)) throw notReadHere('a Bouncy Castle key store (BKS)', keytool(`-srcstoretype BKS ${bouncyCastle}`));
  if (isOpenPgp(bytes)) throw notReadHere('an OpenPGP file', gpg);
  const text = trimmed(textOf(bytes)?.text ?? new Uint8Array(0));
  const written = textForms.find(({ begins }) => beginsWith(text, begins) || (begins[0] === 0x2d && includes(text, begins)));
  if (written !== undefined) throw notReadHere(written.what, written.command);
  if (isJwe(text)) throw notReadHere('a JWE, a key that is encrypted to somebody', 'open it with the key that it is encrypted to');
}
