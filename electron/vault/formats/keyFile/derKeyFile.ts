/** What a DER file is, told by its structure and not by its name: PKCS#8, encrypted PKCS#8, SEC1, PKCS#1, PKCS#12, or something that holds no private key. */
import { childrenOf, DerFields, firstValue, oidOf, onlyValue } from '../../crypto/derReader.ts';
import { derTags } from '../../crypto/derValue.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { readEcPrivateKey } from '../../crypto/keyForms/ecKey.ts';
import { readPrivateKeyInfo } from '../../crypto/keyForms/privateKeyInfo.ts';
import type { ReadPair, ReadSecret } from '../../crypto/keyForms/readKey.ts';
import { readRsaPrivateKey } from '../../crypto/keyForms/rsaKey.ts';
import { malformed } from '../../crypto/malformed.ts';
import type { DerivationCost } from './derivationCost.ts';
import { readEncryptedKey } from './encryptedKey.ts';
import type { KeyFile, KeyFileQuestions } from './keyFileEntry.ts';
import { readPkcs12 } from './pkcs12.ts';

export interface DerContext {
  readonly ask: KeyFileQuestions;
  readonly cost: DerivationCost;
  /** The curve that stands beside a key, in a PEM block of its own. */
  readonly curve?: DerValue;
}

const shapes = { [derTags.integer]: 'I', [derTags.sequence]: 'S', [derTags.octetString]: 'O', [derTags.bitString]: 'B', [derTags.oid]: 'N' };

/** The first parts of a sequence as letters: `ISO` is a version, an algorithm and an octet string. */
export function shapeOf(node: DerValue): string {
  if (node.tag !== derTags.sequence) return '';
  return childrenOf(node).slice(0, 9).map(({ tag }) => (Object.hasOwn(shapes, tag) ? shapes[tag as keyof typeof shapes] : '-')).join('');
}

/** A private or secret key, encrypted or not, whatever is wrong with it. */
export function holdsPrivateKey(node: DerValue): boolean {
  const shape = shapeOf(node);
  return shape === 'SO' || /^(ISO|IO|I{6,})/.test(shape) || (/^IS/.test(shape) && isPkcs12(node));
}

/** Things without a private key that people give by mistake. */
function withoutPrivateKey(shape: string, node: DerValue): string | undefined {
  if (shape === 'SB') return 'a public key';
  if (shape === 'SSB') return shapeOf(childrenOf(node)[0] as DerValue).startsWith('ISS') ? 'a certificate request' : 'a certificate';
  if (shape === 'II') return 'a public key';
  return shape.startsWith('N') ? 'a CMS message' : undefined;
}

function unknown(node: DerValue, shape: string): Error {
  const named = withoutPrivateKey(shape, node);
  if (named !== undefined) return malformed(`the file holds ${named}: expected a private or secret key`, { nextStep: 'give the file with the private key' });
  if (/^I{6}$/.test(shape)) return malformed('the key is of the kind DSA, which the vault does not keep', { nextStep: 'leave it with the program that made it' });
  return malformed('the file is ASN.1 of a form that is not known here', { nextStep: 'where it is a bare secret, say so by its form: raw' });
}

async function one(form: string, read: ReadPair | ReadSecret | Promise<ReadPair | ReadSecret>): Promise<KeyFile> {
  return { form, entries: [{ ...(await read), name: 'entry 1' }], notes: [] };
}

function isPkcs12(node: DerValue): boolean {
  const [version, content] = childrenOf(node);
  return version?.content.length === 1 && version.content[0] === 3 && content !== undefined && firstValue(content.content, 'ber').tag === derTags.oid;
}

/** @throws `wrong-file-password`, `input-malformed` */
export async function readDerKey(node: DerValue, context: DerContext): Promise<KeyFile> {
  const { ask, cost } = context;
  const shape = shapeOf(node);
  if (/^IS/.test(shape) && !/^ISO/.test(shape) && isPkcs12(node)) return readPkcs12(node, ask, cost);
  return readStrict(onlyValue(node.whole), shape, context);
}

/** SECURITY: a key has one spelling: only PKCS#12 is written in BER. */
async function readStrict(node: DerValue, shape: string, { ask, cost, curve }: DerContext): Promise<KeyFile> {
  if (shape === 'SO') return one('encrypted PKCS#8', readEncryptedKey(node, ask, cost));
  if (/^ISO/.test(shape)) return one('PKCS#8', readPrivateKeyInfo(node));
  if (/^IO/.test(shape)) return one('SEC1 EC private key', readEcPrivateKey(node, curve));
  if (/^I{9}/.test(shape)) return one('PKCS#1 RSA private key', readRsaPrivateKey(node));
  throw unknown(node, shape);
}

/** The curve of an `EC PARAMETERS` block. @throws `input-malformed` */
export function curveBlock(der: Uint8Array): DerValue {
  const node = onlyValue(der);
  if (node.tag === derTags.oid) oidOf(node);
  else new DerFields(node, 'curve parameters');
  return node;
}
