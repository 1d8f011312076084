/** A document as it came: PEM with prose around it, or the bytes themselves, within a size. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { readPem } from '../pem.ts';
import type { PemBlock } from '../pem.ts';

/** No request, certificate chain or signature is as large: what is, is another file. */
export const largestDocument = 1024 * 1024;

export function requireModest(bytes: Uint8Array, document: string): void {
  if (bytes.length > largestDocument) throw new StrongroomError('input-too-large', `the ${document} expected at most ${largestDocument} bytes, got ${bytes.length}`, { nextStep: 'look whether this is the right file' });
}

function disclosed(document: string): StrongroomError {
  return new StrongroomError('input-malformed', `the file holds a private key: expected a ${document}`, { nextStep: 'a private key that was sent must be considered disclosed: its owner must make a new pair' });
}

/** The text of a file, without a byte order mark. @returns undefined for what is not UTF-8 */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined; // DER is not text
  }
}

/** The PEM blocks of one of these labels, or all the bytes as one block without a label. @throws `input-malformed` where PEM blocks are all of other labels */
export function documentBlocks(bytes: Uint8Array, labels: readonly string[], document: string): readonly PemBlock[] {
  requireModest(bytes, document);
  const blocks = readPem(textOf(bytes) ?? '');
  // SECURITY: a private key is named for what it is; nothing of it is kept or shown
  if (blocks.some(({ label }) => label.includes('PRIVATE KEY'))) throw disclosed(document);
  const wanted = blocks.filter(({ label }) => labels.includes(label));
  if (blocks.length > 0 && wanted.length === 0) throw new StrongroomError('input-malformed', `the file holds a PEM block "${blocks[0]?.label ?? ''}": expected ${labels.join(' or ')}`, { nextStep: `give the ${document}` });
  return blocks.length === 0 ? [{ label: '', der: bytes }] : wanted;
}

/** As `documentBlocks`, where there must be one. */
export function oneDocument(bytes: Uint8Array, labels: readonly string[], document: string): Uint8Array {
  const [block, ...more] = documentBlocks(bytes, labels, document);
  if (block === undefined || more.length > 0) throw new StrongroomError('input-malformed', `the file holds ${more.length + 1} of what it should hold once: a ${document}`, { nextStep: `give a file with one ${document}` });
  return block.der;
}
