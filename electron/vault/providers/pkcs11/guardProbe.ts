/** What a token enforces of what it stores, tried with keys that are thrown away. Where it does not, this product does. */
import { algorithmFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { Algorithm } from '../../../../shared/model/terms.ts';
import { oaepFormats } from '../../../../shared/model/wrapFormats.ts';
import type { ClearKey } from '../../../pkcs11-wire/keyShapes.ts';
import type { WrapMechanism } from '../../../pkcs11-wire/messages.ts';
import { readPrivateKeyParts } from '../../crypto/privateKeyParts.ts';
import { randomBytes } from '../../crypto/random.ts';
import { newRsaKey } from '../../crypto/rsaPrivate.ts';
import type { GuardFinding } from '../provider.ts';
import { throwAwayEc, throwAwayRsa } from './throwAwayKeys.ts';
import type { TokenClient } from './tokenClient.ts';
import type { WrappingProfile } from './wrappingProbe.ts';

/** A mechanism by which a secret key is seen to leave when it may. */
function leavesBy({ aesMechanisms, wrapFormats }: WrappingProfile): WrapMechanism | undefined {
  const [aes] = Object.values(aesMechanisms);
  return aes ?? oaepFormats.find((format) => wrapFormats.includes(format));
}

/** Runs with the private half of a pair: EC where it goes, since an RSA pair takes its time. */
async function withPair<T>(imports: readonly Algorithm[], work: (pair: ClearKey | undefined) => Promise<T>): Promise<T> {
  if (imports.includes('ec-p256')) return await work({ curve: throwAwayEc().clear });
  if (!imports.some((algorithm) => algorithmFacts[algorithm].family === 'rsa')) return await work(undefined);
  const { privateKey } = await newRsaKey(2048);
  try {
    const parts = readPrivateKeyParts(privateKey); // views
    return await work('rsa' in parts ? { rsa: parts.rsa } : undefined);
  } finally {
    privateKey.fill(0); // SECURITY: nobody needs it, and it is wiped like any other
  }
}

/** @param imports algorithms whose clear keys the token takes */
export async function probeGuards(token: TokenClient, wrapping: WrappingProfile, imports: readonly Algorithm[]): Promise<readonly GuardFinding[]> {
  const mechanism = leavesBy(wrapping);
  const keys = { ...(mechanism === undefined ? {} : { mechanism }), kek: randomBytes(32), key: randomBytes(32), publicKey: throwAwayRsa() };
  const { findings } = await withPair(imports, (pair) => token.call('probeGuards', { ...keys, ...(pair === undefined ? {} : { pair }) }));
  return findings;
}
