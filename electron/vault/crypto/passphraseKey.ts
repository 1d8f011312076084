/** Passphrase to key: Argon2id (RFC 9106). Parameters to set come from code, never from a file; parameters read are capped. */
import argon2 from 'argon2';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { utf8 } from './bytes.ts';
import { asNativeWork } from './nativeWork.ts';

export interface Argon2Parameters {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106 §4, second recommended choice: the least that is ever set. */
export const argon2Floor: Argon2Parameters = { memoryKiB: 64 * 1024, passes: 3, lanes: 4 };

/** The most that is honoured when read from a file: 1 GiB, 16 passes, 16 lanes. */
const ceiling: Argon2Parameters = { memoryKiB: 1024 * 1024, passes: 16, lanes: 16 };

const targetMilliseconds = 1000;

/** Whether a derivation that took so long is much cheaper than what is aimed at, and can be made dearer. Milliseconds. */
export function isCheap(parameters: Argon2Parameters, took: number): boolean {
  return took < targetMilliseconds / 4 && parameters.memoryKiB < ceiling.memoryKiB / 2;
}

/** @throws `vault-tampered` for parameters below the floor or above the ceiling */
export function requireArgon2InBounds(parameters: Argon2Parameters): void {
  for (const name of ['memoryKiB', 'passes', 'lanes'] as const) {
    const value = parameters[name];
    // SECURITY: a doctored file can neither weaken the key derivation nor exhaust the machine
    if (!Number.isInteger(value) || value < argon2Floor[name] || value > ceiling[name]) {
      throw new StrongroomError('vault-tampered', `argon2 "${name}" expected ${argon2Floor[name]} to ${ceiling[name]}, got ${value}`);
    }
  }
}

/** A passphrase as typed, in the bytes that are hashed: NFC (RFC 8265 §4.2), UTF-8. The caller owns the result. */
function normalised(passphrase: Uint8Array): Uint8Array {
  return utf8(textOf(passphrase).normalize('NFC'));
}

function textOf(passphrase: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(passphrase);
  } catch {
    throw new StrongroomError('request-invalid', 'the passphrase expected UTF-8 text, got other bytes', { nextStep: 'check the encoding of the file or terminal that it came from' });
  }
}

/** 32 bytes, the caller's. @param salt 16 bytes or more */
export async function passphraseKey(passphrase: Uint8Array, salt: Uint8Array, parameters: Argon2Parameters): Promise<Uint8Array> {
  requireArgon2InBounds(parameters);
  const secret = normalised(passphrase);
  try {
    const options = { type: argon2.argon2id, salt: Buffer.from(salt), memoryCost: parameters.memoryKiB, timeCost: parameters.passes, parallelism: parameters.lanes, hashLength: 32, raw: true } as const;
    const key = await asNativeWork(() => argon2.hash(Buffer.from(secret.buffer), options));
    const owned = new Uint8Array(key);
    key.fill(0); // SECURITY: the library's copy is wiped
    return owned;
  } finally {
    secret.fill(0); // SECURITY: our normalised copy is wiped
  }
}

/** Parameters that take about a second on this machine, never below the floor: memory doubles up to the ceiling. */
export async function calibrateArgon2(): Promise<Argon2Parameters> {
  let parameters = argon2Floor;
  while (parameters.memoryKiB < ceiling.memoryKiB / 2) {
    const start = performance.now();
    (await passphraseKey(utf8('calibration'), new Uint8Array(16), parameters)).fill(0);
    if (performance.now() - start > targetMilliseconds / 2) break;
    parameters = { ...parameters, memoryKiB: parameters.memoryKiB * 2 };
  }
  return parameters;
}
