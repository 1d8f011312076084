/** The exported log: JSON Lines, a head and one line per entry (FORMAT.md, "The exported log"). */
import { z } from 'zod';
import { fromHex, toHex } from '../crypto/bytes.ts';
import type { SignedEntry } from './entry.ts';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const anyHex = z.string().regex(/^([0-9a-f]{2})*$/);

const headSchema = z.strictObject({ strongroom: z.literal('log'), version: z.literal(1), vault: hex(16) });
const lineSchema = z.strictObject({
  seq: z.number().int().min(0),
  salt: hex(32),
  entry: anyHex,
  signature: hex(64),
  personal: z.record(z.string(), z.strictObject({ salt: hex(32), text: z.string() })),
});

export function writeHead(vaultId: Uint8Array): string {
  return JSON.stringify({ strongroom: 'log', version: 1, vault: toHex(vaultId) });
}

export function writeLine(seq: number, { salt, encoded, signature, openings }: SignedEntry): string {
  const personal = Object.fromEntries(Object.entries(openings).map(([field, opening]) => [field, { salt: toHex(opening.salt), text: opening.text }]));
  return JSON.stringify({ seq, salt: toHex(salt), entry: toHex(encoded), signature: toHex(signature), personal });
}

/** @throws Error for what is not the head of an exported log */
export function readHead(line: string): Uint8Array {
  return fromHex(headSchema.parse(JSON.parse(line)).vault);
}

/** @throws Error for what is not a line of an exported log */
export function readLine(line: string): SignedEntry & { readonly seq: number } {
  const { seq, salt, entry, signature, personal } = lineSchema.parse(JSON.parse(line));
  const openings = Object.fromEntries(Object.entries(personal).map(([field, opening]) => [field, { salt: fromHex(opening.salt), text: opening.text }]));
  return { seq, salt: fromHex(salt), encoded: fromHex(entry), signature: fromHex(signature), openings };
}
