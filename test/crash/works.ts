/** The works that are killed: what each asks of the core, what its result files are good for, and how far it may get without its outcome. */
import { existsSync, readFileSync } from 'node:fs';
import { readCertificateRequest } from '../../electron/vault/formats/signing/certificateRequest.ts';
import type { RequestInput } from '../../shared/ipc/contract.ts';
import type { TestCore } from '../fixtures/testCore.ts';

export interface Work {
  readonly name: string;
  /** Works whose places include a token are held against it afterwards. */
  readonly token: boolean;
  /** `new`: there is no vault yet. `locked`: the opening itself is the work. `interrupted`: the same, and works before it were killed. */
  readonly begins: 'new' | 'locked' | 'interrupted' | 'open';
  run(t: TestCore): Promise<unknown>;
  /** Files that the work makes, by name. */
  readonly files?: readonly string[];
  /** Proves what is in them. @throws where it is not what it should be */
  prove?(t: TestCore): Promise<void>;
  /** True where the place may have done all of it before the outcome was recorded, and says so when it is asked. */
  readonly actsForGood?: true;
}

export const oldPassphrase = 'correct horse battery';
export const newPassphrase = 'another horse, another battery';

const dataKey = { purpose: 'data-encryption', algorithm: 'aes-256' } as const;

async function verifies(t: TestCore, key: string, files: readonly string[]): Promise<void> {
  for (const file of files) await t.call('key.verify', { key, in: t.read('plain'), signature: t.read(file) });
}

function sign(key: string): Pick<Work, 'run' | 'files' | 'prove'> {
  const files = [`${key}.first.sig`, `${key}.second.sig`];
  return {
    files,
    run: (t) => t.call('key.sign', { key, files: [t.read('plain'), t.read('plain')], signatures: files.map((file) => t.write(file)) }),
    prove: (t) => verifies(t, key, files.filter((file) => existsSync(t.path(file)))),
  };
}

function signDocuments(key: string): Pick<Work, 'run' | 'files' | 'prove'> {
  const files = [`${key}.first.p7s`, `${key}.second.p7s`];
  return {
    files,
    run: (t) => t.call('key.sign', { key, format: 'cms', files: [t.read('plain'), t.read('plain')], signatures: files.map((file) => t.write(file)) }),
    prove: (t) => verifies(t, key, files.filter((file) => existsSync(t.path(file)))),
  };
}

function requestCertificate(key: string): Pick<Work, 'run' | 'files' | 'prove'> {
  const file = `${key}.again.csr`;
  return {
    files: [file],
    run: (t) => t.call('key.requestCertificate', { key, subject: `CN=${key}`, out: t.write(file) }),
    prove: async (t) => {
      if (!readCertificateRequest(new Uint8Array(readFileSync(t.path(file)))).signatureValid) throw new Error('the request does not verify');
    },
  };
}

function encrypt(key: string): Pick<Work, 'run' | 'files' | 'prove'> {
  return {
    files: [`${key}.sr`],
    run: (t) => t.call('key.encrypt', { key, in: t.read('plain'), out: t.write(`${key}.sr`) }),
    prove: async (t) => {
      await t.call('key.decrypt', { in: t.read(`${key}.sr`), out: t.write('plain.again') });
      if (!readFileSync(t.path('plain.again')).equals(readFileSync(t.path('plain')))) throw new Error('what was encrypted is not what comes back');
    },
  };
}

const generate = (name: string, more: Partial<RequestInput<'key.generate'>> = {}) => (t: TestCore) => t.call('key.generate', { name, ...dataKey, ...more });

const softwareWorks: readonly Omit<Work, 'token' | 'begins'>[] = [
  { name: 'key.generate, software, AES', run: generate('fresh') },
  { name: 'key.generate, software, RSA', run: generate('fresh-pair', { purpose: 'signature', algorithm: 'rsa-2048' }) },
  { name: 'key.rotate, software', run: (t) => t.call('key.rotate', { key: 'cipher' }) },
  { name: 'key.destroy, software', run: (t) => t.call('key.destroy', { key: 'doomed', reason: 'the end' }) },
  { name: 'key.unwrap, by RSA-OAEP', run: (t) => t.call('key.unwrap', { name: 'imported', ...dataKey, with: 'inbox', in: t.read('cipher.oaep') }) },
  { name: 'key.unwrap', run: (t) => t.call('key.unwrap', { name: 'unwrapped', ...dataKey, with: 'kek', in: t.read('cipher.kwp') }) },
  {
    name: 'key.wrap',
    files: ['wrapped'],
    run: (t) => t.call('key.wrap', { key: 'cipher', under: 'kek', out: t.write('wrapped') }),
    prove: (t) => t.call('key.unwrap', { name: 'proof', ...dataKey, with: 'kek', in: t.read('wrapped') }).then(() => undefined),
  },
  {
    name: 'key.export',
    files: ['exported'],
    run: (t) => t.call('key.export', { key: 'cipher', to: 'ourselves', acceptStrength: 112, out: t.write('exported') }),
    prove: (t) => t.call('key.unwrap', { name: 'proof', ...dataKey, with: 'inbox', in: t.read('exported') }).then(() => undefined),
  },
  { name: 'key.sign, software', ...sign('signer') },
  { name: 'key.sign, software, CMS', ...signDocuments('signer') },
  { name: 'key.requestCertificate, software', ...requestCertificate('signer') },
  { name: 'key.attachCertificate', run: (t) => t.call('key.attachCertificate', { key: 'doomed-pair', file: t.read('doomed-pair.chain.pem') }) },
  { name: 'key.encrypt, software', ...encrypt('cipher') },
  {
    name: 'key.decrypt',
    files: ['decrypted'],
    run: (t) => t.call('key.decrypt', { in: t.read('cipher.stored'), out: t.write('decrypted') }),
    prove: async (t) => {
      if (readFileSync(t.path('decrypted'), 'utf8') !== readFileSync(t.path('plain'), 'utf8')) throw new Error('what was decrypted is not what was encrypted');
    },
  },
  { name: 'vault.passwd', run: (t) => t.call('vault.passwd', { unlockCost: 'minimum' }) },
];

const tokenWorks: readonly Omit<Work, 'token' | 'begins'>[] = [
  { name: 'key.generate, token, AES', run: generate('fresh', { place: 'crash' }) },
  { name: 'key.generate, token, RSA', run: generate('fresh-pair', { purpose: 'signature', algorithm: 'rsa-2048', place: 'crash' }) },
  { name: 'key.rotate, token', run: (t) => t.call('key.rotate', { key: 'token-cipher' }) },
  { name: 'key.destroy, token, AES', run: (t) => t.call('key.destroy', { key: 'token-doomed', reason: 'the end' }), actsForGood: true },
  { name: 'key.destroy, token, RSA', run: (t) => t.call('key.destroy', { key: 'token-doomed-pair', reason: 'the end' }), actsForGood: true },
  { name: 'key.unwrap, token', run: (t) => t.call('key.unwrap', { name: 'unwrapped', ...dataKey, with: 'token-kek', in: t.read('token-cipher.kwp') }) },
  { name: 'key.sign, token', ...sign('token-signer') },
  { name: 'key.sign, token, CMS', ...signDocuments('token-signer') },
  { name: 'key.requestCertificate, token', ...requestCertificate('token-signer') },
  { name: 'key.encrypt, token', ...encrypt('token-cipher') },
  { name: 'key.copy, onto a token', run: (t) => t.call('key.copy', { keys: ['cipher'], to: 'crash', acceptStrength: 128 }) },
  // it has its place before it is destroyed where it was: an interruption in between leaves what a copy would
  { name: 'key.copy, moved onto a token', run: (t) => t.call('key.copy', { keys: ['cipher'], to: 'crash', move: true, acceptStrength: 128 }), actsForGood: true },
];

export const works: readonly Work[] = [
  { name: 'vault.create', token: false, begins: 'new', run: (t) => t.create() },
  { name: 'vault.unlock', token: false, begins: 'locked', run: (t) => t.unlock() },
  {
    name: 'vault.unlock and vault.reconcile',
    token: true,
    begins: 'interrupted',
    files: sign('signer').files ?? [],
    run: async (t) => {
      await t.unlock();
      await t.call('vault.reconcile', {});
    },
    prove: (t) => verifies(t, 'signer', sign('signer').files ?? []),
  },
  ...softwareWorks.map((work): Work => ({ ...work, token: false, begins: 'open' })),
  ...tokenWorks.map((work): Work => ({ ...work, token: true, begins: 'open' })),
];
