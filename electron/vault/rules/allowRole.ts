/** Rule ROLE-1: the role of the principal allows the method. */
import { refusal } from '../../../shared/errors/strongroomError.ts';
import type { Role } from '../../../shared/model/terms.ts';

/** @throws `refused` ROLE-1 */
export function allowRole(role: Role, allowed: readonly Role[], what: string): void {
  if (!allowed.includes(role)) throw refusal('ROLE-1', `"${what}" is for ${allowed.join(' and ')}; you are ${role}`);
}
