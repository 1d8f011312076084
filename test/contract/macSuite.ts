/** MACs and AES-CBC, whoever keeps the key: the same tag as Node's own HMAC where the key is known, and refusals where the place cannot. */
import { createCipheriv, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../shared/lifecycle/purposes.ts';
import { algorithms } from '../../shared/model/terms.ts';
import type { Algorithm } from '../../shared/model/terms.ts';
import { asked, bytes, codeOf, random } from './suiteKeys.ts';
import type { SuiteKeys } from './suiteKeys.ts';

const secrets = algorithms.filter((algorithm) => algorithmFacts[algorithm].kind === 'secret');

export function describeMacs({ provider, keyOf, needing }: SuiteKeys): void {
  const canMac = async (algorithm: (typeof secrets)[number]) => (await provider().capabilities()).macs.includes(algorithm);

  describe('MACs', () => {
    test.each(secrets)('%s: the same message the same tag, another message another', async (algorithm) => {
      if (!(await canMac(algorithm))) {
        expect(['token-cannot', 'refused']).toContain(await codeOf(keyOf(algorithm, 'mac').then(({ ref }) => provider().mac({ ref, message: bytes(1) }))));
        return;
      }
      const { ref } = await keyOf(algorithm, 'mac');
      const length = algorithm.startsWith('aes') ? 16 : algorithmFacts[algorithm].bits / 8;
      const tag = await provider().mac({ ref, message: bytes(1, 2, 3) });
      expect(tag).toHaveLength(length);
      expect(await provider().mac({ ref, message: bytes(1, 2, 3) })).toEqual(tag);
      expect(await provider().mac({ ref, message: bytes(1, 2, 4) })).not.toEqual(tag);
      expect(await provider().mac({ ref, message: bytes() })).toHaveLength(length);
      const long = random(100_000);
      expect(await provider().mac({ ref, message: long })).toEqual(await provider().mac({ ref, message: new Uint8Array(long) }));
    });

    test.each([['hmac-sha256', 'sha256', 14], ['hmac-sha256', 'sha256', 200], ['hmac-sha384', 'sha384', 48], ['hmac-sha512', 'sha512', 64]] as const)('%s of a key that was brought, as %s has it (%i bytes)', async (algorithm, hash, length) => {
      const { macs, imports } = await provider().capabilities();
      const key = random(length);
      const taking = provider().take({ ...asked(algorithm, 'mac'), material: SecretBytes.own(new Uint8Array(key)) });
      if (!imports.includes(algorithm)) {
        expect(await codeOf(taking)).toBe('token-cannot');
        return;
      }
      const taken = await taking.catch((error: unknown) => error);
      if (provider().kind === 'pkcs11' && isStrongroomError(taken, 'token-cannot')) {
        expect(length, 'a token may want a key as long as the hash').toBeLessThan(Number(hash.slice(3)) / 8);
        return;
      }
      const { ref, bits } = await taking;
      if (!macs.includes(algorithm)) {
        expect(await codeOf(provider().mac({ ref, message: bytes(1) }))).not.toBe('none');
        return;
      }
      expect(bits).toBe(8 * length);
      const message = random(1000);
      expect(Buffer.from(await provider().mac({ ref, algorithm, message })).toString('hex')).toBe(createHmac(hash, key).update(message).digest('hex'));
    });

    test('a key for something else makes no MAC', needing(['aes-256'], async () => {
      const { ref } = await keyOf('aes-256', 'data-encryption');
      expect(await codeOf(provider().mac({ ref, message: bytes(1) }))).not.toBe('none');
    }));
  });

  describe('AES-CBC, to open what others made', () => {
    test.each([['aes-128', 16], ['aes-192', 24], ['aes-256', 32]] as const)('%s', needing((algorithm: Algorithm, _length: number) => [algorithm], async (algorithm, length) => {
      const { aesCbc, imports } = await provider().capabilities();
      if (!aesCbc || !imports.includes(algorithm)) {
        const { ref } = await keyOf(algorithm, 'data-encryption');
        if (aesCbc) expect(await provider().decryptCbc({ ref, iv: random(16), blocks: random(32) })).toHaveLength(32);
        else expect(await codeOf(provider().decryptCbc({ ref, iv: random(16), blocks: random(32) }))).not.toBe('none');
        return;
      }
      const [key, iv, plain] = [random(length), random(16), random(64)];
      const { ref } = await provider().take({ ...asked(algorithm, 'data-encryption'), material: SecretBytes.own(new Uint8Array(key)) });
      const cipher = createCipheriv(`aes-${length * 8}-cbc`, key, iv).setAutoPadding(false);
      const blocks = new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final()]));
      expect((await provider().decryptCbc({ ref, iv, blocks })).expose()).toEqual(plain);
      for (const wrong of [{ iv, blocks: blocks.slice(1) }, { iv: iv.slice(1), blocks }]) expect(await codeOf(provider().decryptCbc({ ref, ...wrong }))).not.toBe('none');
    }));
  });
}
