/** The software provider keeps the promises of the interface, over a store in memory that behaves as the port says. */
import { describe, expect, test } from 'vitest';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import type { MaterialFacts, MaterialStore } from '../../electron/vault/providers/software/materialStore.ts';
import { makeSoftwareProvider } from '../../electron/vault/providers/software/softwareProvider.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../shared/lifecycle/purposes.ts';
import { algorithms } from '../../shared/model/terms.ts';
import type { Algorithm, Purpose } from '../../shared/model/terms.ts';
import { describeProvider } from './providerSuite.ts';
import { asked, codeOf, flipped, purposeOf, random } from './suiteKeys.ts';

function memoryStore(): MaterialStore {
  const held = new Map<string, { readonly facts: MaterialFacts; readonly material: SecretBytes }>();
  const name = (id: Uint8Array) => Buffer.from(id).toString('hex');
  return {
    stage: (facts, material) => void held.set(name(facts.id), { facts, material }),
    open: (id) => {
      const material = held.get(name(id))?.material;
      return material === undefined ? undefined : SecretBytes.own(new Uint8Array(material.expose()));
    },
    facts: (id) => held.get(name(id))?.facts,
    ids: () => [...held.values()].map(({ facts }) => facts.id),
    stageRemoval: (id) => void held.delete(name(id)),
  };
}

const none = new Uint8Array(0);

describe('the software provider alone', () => {
  const provider = makeSoftwareProvider(memoryStore());
  const take = (algorithm: Algorithm, material: Uint8Array, purpose = purposeOf(algorithm)) => provider.take({ ...asked(algorithm, purpose), material: SecretBytes.own(material) });
  const wrapped = (ref: string, kek: string, format: 'aes-kw' | 'aes-kwp') => provider.wrap({ ref, wrapper: { ref: kek }, format });

  test('AES-KW takes a multiple of eight bytes from sixteen, and the refusal says what takes the rest', async () => {
    const { ref: kek } = await provider.generate(asked('aes-256', 'key-wrapping'));
    for (const [length, fits] of [[14, false], [15, false], [16, true], [17, false], [24, true], [31, false]] as const) {
      const { ref } = await take('hmac-sha256', random(length), 'mac');
      const attempt = wrapped(ref, kek, 'aes-kw');
      if (fits) expect(await attempt).toHaveLength(length + 8);
      else await expect(attempt).rejects.toMatchObject({ code: 'request-invalid', nextStep: 'use aes-kwp' });
      expect(await wrapped(ref, kek, 'aes-kwp')).toHaveLength(8 * Math.ceil(length / 8) + 8);
    }
  });

  test.each([['rsa-oaep-sha256', 190], ['rsa-oaep-sha1', 214], ['rsa-oaep-sha512', 126], ['rsa-oaep-sha384', 158]] as const)('%s under RSA-2048 takes %i bytes and not one more, said with the limit; reports/17', async (format, limit) => {
    const { publicKey = none } = await provider.generate(asked('rsa-2048', 'key-transport'));
    for (const mgfHash of ['sha256', 'sha1'] as const) {
      const [largest, larger] = [await take('hmac-sha256', random(limit), 'mac'), await take('hmac-sha256', random(limit + 1), 'mac')];
      const wrap = (ref: string) => provider.wrap({ ref, wrapper: { publicKey }, format, oaep: { mgfHash } });
      expect(await wrap(largest.ref)).toHaveLength(256);
      await expect(wrap(larger.ref)).rejects.toMatchObject({ code: 'request-invalid', message: expect.stringContaining(`at most ${limit} bytes`) });
    }
  });

  test.each([['hmac-sha256', 13], ['hmac-sha256', 513], ['aes-128', 15], ['aes-256', 16], ['aes-256', 0]] as const)('takes no %s of %i bytes', async (algorithm, length) => {
    await expect(take(algorithm, random(length), algorithm.startsWith('aes') ? 'data-encryption' : 'mac')).rejects.toMatchObject({ code: 'input-malformed' });
  });

  test.each(algorithms.filter((algorithm) => algorithmFacts[algorithm].kind === 'pair'))('%s: every changed bit of its material is refused, or leaves the same pair', async (algorithm) => {
    const store = memoryStore();
    const own = makeSoftwareProvider(store);
    const key = await own.generate(asked(algorithm, purposeOf(algorithm)));
    const material = store.open(key.id)?.expose() ?? none;
    const again = await take(algorithm, new Uint8Array(material));
    expect(again.publicKey).toEqual(key.publicKey);
    const isSeed = algorithm.startsWith('ml-');
    const step = Math.max(1, Math.floor(material.length / 40));
    for (let at = 0; at < material.length; at += step) {
      const changed = await take(algorithm, flipped(material, at)).catch((error: unknown) => error);
      if (isStrongroomError(changed)) expect(changed.code, `byte ${at}`).toBe('input-malformed');
      else expect(isSeed || algorithm.endsWith('25519'), `byte ${at} of ${algorithm}`).toBe(true); // any 32 bytes are a seed: another pair, whole in itself
    }
    for (const bad of [none, material.slice(1), material.slice(0, -1), new Uint8Array(material.length)]) {
      if (isSeed && bad.length === material.length) continue;
      expect(await codeOf(take(algorithm, bad))).toBe('input-malformed');
    }
  }, 60_000);

  test('a derived AES key takes a raw secret of its own length only', async () => {
    const [ours, theirs] = [await provider.generate(asked('ec-p384', 'key-agreement')), await provider.generate(asked('ec-p384', 'key-agreement'))];
    const derive = (algorithm: Algorithm, purpose: Purpose) => provider.derive({ ...asked(algorithm, purpose), from: ours.ref, derivation: 'ecdh-raw', info: none, peer: theirs.publicKey ?? none });
    await expect(derive('aes-256', 'data-encryption')).rejects.toMatchObject({ code: 'request-invalid', nextStep: 'use ecdh-hkdf-sha256' });
    expect(await derive('hmac-sha384', 'mac')).toMatchObject({ bits: 384 });
  });
});

describeProvider('software', () => Promise.resolve({ provider: makeSoftwareProvider(memoryStore()), close: () => Promise.resolve() }));
