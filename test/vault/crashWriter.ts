/** Commits for ever and says each number once it is durable; its parent kills it in the middle. */
import { writeSync } from 'node:fs';
import { randomBytes } from '../../electron/vault/crypto/random.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';

const [, , path = ''] = process.argv;
const passphrase = () => Promise.resolve(SecretBytes.own(new TextEncoder().encode('correct horse')));
const { vault } = await unlockVault({ path, passphrase, clock: { now: () => Date.now() } });
for (;;) {
  const id = randomBytes(16);
  const material = SecretBytes.own(randomBytes(32));
  const { seq } = vault.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id, value: { protections: 1, processings: 0, lastAt: 0 } }], materials: [{ id, material }] });
  writeSync(1, `${seq}\n`);
}
