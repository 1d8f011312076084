/** The statement that begins an epoch: new roots from here on, and the keys that its author has from here on, signed and approved by those he had before. */
import { z } from 'zod';

const sized = (length: number) => z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);

export const epochActs = ['vault.renew', 'vault.recover', 'vault.restore'] as const;

export const epochSchema = z.strictObject({
  act: z.enum(epochActs),
  /** One more than before. */
  epoch: z.number().int().min(2),
  principal: sized(16),
  encryptionKey: sized(1216),
  logKey: sized(32),
  approvalKey: sized(32),
  /** Entries and root of the log that this epoch goes on from: a copy that went another way has another head. */
  head: z.strictObject({ size: z.number().int().min(1), root: sized(32) }),
});
export type EpochStatement = z.infer<typeof epochSchema>;
