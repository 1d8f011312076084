/** AES-CBC, SP 800-38A §6.2, for opening what others made long ago: whole blocks, no padding, and never for making anything. */
import { createDecipheriv } from 'node:crypto';

export const cbcBlock = 16;

/** The caller owns and wipes the result. @throws RangeError for a key, an IV or a text of another length */
export function aesCbcOpen(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array {
  const name = ({ 16: 'aes-128-cbc', 24: 'aes-192-cbc', 32: 'aes-256-cbc' } as const)[key.length];
  if (name === undefined) throw new RangeError(`"key" expected 16, 24 or 32 bytes, got ${key.length}`);
  if (iv.length !== cbcBlock || blocks.length % cbcBlock !== 0) throw new RangeError('"iv" expected 16 bytes, and "blocks" whole blocks of 16');
  const decipher = createDecipheriv(name, key, iv).setAutoPadding(false);
  const plain = decipher.update(blocks);
  decipher.final();
  const owned = new Uint8Array(plain);
  plain.fill(0); // SECURITY: the library's copy is wiped
  return owned;
}
