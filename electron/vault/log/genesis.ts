/** The first entry of every log: who founded the vault, with which keys, under which quorum. */
import { z } from 'zod';
import { roles } from '../../../shared/model/terms.ts';

const sized = (length: number) => z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);

export const genesisSchema = z.strictObject({
  /** The vault id is the first half of its hash. */
  seed: sized(32),
  suite: z.literal(1),
  principal: sized(16),
  role: z.enum(roles),
  encryptionKey: sized(1216),
  logKey: sized(32),
  approvalKey: sized(32),
  /** One person asks and approves, and everything says so. */
  quorum: z.strictObject({ mode: z.literal('solo'), needed: z.literal(1) }),
});
export type Genesis = z.infer<typeof genesisSchema>;
