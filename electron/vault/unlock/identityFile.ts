/** The identity file `*.strongroom-id`: a way in by passphrase, by itself (FORMAT.md, "The identity file"). */
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes, utf8 } from '../crypto/bytes.ts';
import { decodeCanonical, encodeCanonical } from '../crypto/canonicalCbor.ts';
import type { WayIn } from './wayIn.ts';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const sized = (length: number) => bytes.refine((value) => value.length === length);

const identitySchema = z.strictObject({
  v: z.literal(1),
  vault: sized(16),
  genesis: sized(32),
  principal: sized(16),
  parameters: bytes.refine((value) => value.length <= 256),
  commitment: sized(32),
  daily: bytes.refine((value) => value.length <= 256),
  approval: bytes.refine((value) => value.length <= 256),
});

const magic = utf8('strongroom/v1/identity\0');
/** Bytes: far more than one has. */
export const identityLimit = 4096;

/** Whose identity, of which vault. */
export interface Identity {
  readonly vault: Uint8Array;
  readonly genesis: Uint8Array;
  readonly way: WayIn;
}

export function writeIdentity({ vault, genesis, way }: Identity): Uint8Array {
  const { principal, parameters, commitment, daily, approval } = way;
  return concatBytes(magic, encodeCanonical({ v: 1, vault, genesis, principal, parameters, commitment, daily, approval }));
}

/** @throws `input-malformed` */
export function readIdentity(file: Uint8Array): Identity {
  try {
    if (!magic.every((byte, index) => file[index] === byte)) throw new Error('another beginning');
    const { vault, genesis, ...way } = identitySchema.parse(decodeCanonical(file.subarray(magic.length)));
    return { vault, genesis, way: { id: way.principal, principal: way.principal, parameters: way.parameters, commitment: way.commitment, daily: way.daily, approval: way.approval } };
  } catch (cause) {
    throw new StrongroomError('input-malformed', '"identity" expected an identity file of Strongroom, got other content', { field: 'identity', nextStep: 'take the file that `identity export` wrote', cause });
  }
}
