/** A principal as the vault and its genesis know him: name, role, and the public halves of his keys. */
import { z } from 'zod';
import { roles } from '../../../shared/model/terms.ts';

const key = (length: number) => z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);

export const principalSchema = z.strictObject({
  name: z.string(),
  role: z.enum(roles),
  /** X-Wing, for roots sealed to him. */
  encryptionKey: key(1216),
  /** Ed25519, for his entries of the log. */
  logKey: key(32),
  /** Ed25519, for his approvals. */
  approvalKey: key(32),
});
export type PrincipalRecord = z.infer<typeof principalSchema>;
