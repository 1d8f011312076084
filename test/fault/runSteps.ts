/** What a run does: operations of the product on keys of its token, each with what it was told to be true. */
import { writeFileSync } from 'node:fs';
import type { Run } from './seededRun.ts';

function file({ t }: Run, name: string): string {
  writeFileSync(t.path(name), `content of ${name}`);
  return name;
}

/** Signs so many files; of a batch each that is told to be signed. */
async function sign(run: Run, index: number, count: number): Promise<void> {
  const { t, pick, claims } = run;
  const [key, mechanism] = pick.of([['signer-rsa', 'rsa-pkcs1-sha256'], ['signer-ec', 'ecdsa-sha256']] as const);
  const names = Array.from({ length: count }, (_, item) => file(run, `signed-${index}-${item}`));
  const signed = await run.ask('key.sign', { key, mechanism, files: names.map((name) => t.read(name)), signatures: names.map((name) => t.write(`${name}.sig`)) });
  for (const [item, name] of names.entries()) if (signed?.items[item]?.ok === true) claims.signatures.push({ key, mechanism, file: name, signature: `${name}.sig` });
}

export const steps = {
  sign: (run: Run, index: number) => sign(run, index, 1),
  signBatch: (run: Run, index: number) => sign(run, index, 3),
  encrypt: async (run: Run, index: number) => {
    const { t, claims } = run;
    const plain = file(run, `secret-${index}`);
    if ((await run.ask('key.encrypt', { key: 'cipher', in: t.read(plain), out: t.write(`${plain}.sr`) })) !== undefined) claims.encrypted.push({ file: `${plain}.sr`, plain });
  },
  decrypt: async (run: Run, index: number) => {
    const { t, claims } = run;
    const out = `opened-${index}`;
    if ((await run.ask('key.decrypt', { in: t.read('base.sr'), out: t.write(out) })) !== undefined) claims.decrypted.push({ file: out, plain: 'plain' });
  },
  wrap: async (run: Run, index: number) => {
    const { t, claims } = run;
    const out = `wrapped-${index}`;
    if ((await run.ask('key.wrap', { key: 'travels', under: 'kek', format: 'aes-kw', out: t.write(out) })) !== undefined) claims.wrapped.push(out);
  },
  unwrap: async (run: Run, index: number) => {
    const { t, claims } = run;
    const blob = `blob-${index}`;
    if ((await run.ask('key.wrap', { key: 'travels', under: 'kek', format: 'aes-kw', out: t.write(blob) })) === undefined) return;
    const name = `unwrapped-${index}`;
    if ((await run.ask('key.unwrap', { name, in: t.read(blob), with: 'kek', format: 'aes-kw', purpose: 'data-encryption', algorithm: 'aes-256' })) !== undefined) claims.made.push({ key: name, pair: false });
  },
  mac: async (run: Run, index: number) => {
    const { t, claims } = run;
    const name = file(run, `tagged-${index}`);
    const tag = (await run.ask('key.mac', { key: 'tags', files: [t.read(name)] }))?.items[0]?.tag;
    if (tag !== undefined) claims.tags.push({ file: name, tag });
  },
  generateSecret: async (run: Run, index: number) => {
    const name = `secret-key-${index}`;
    if ((await run.ask('key.generate', { name, purpose: 'data-encryption', algorithm: 'aes-256', place: 'faulty' })) !== undefined) run.claims.made.push({ key: name, pair: false });
  },
  generatePair: async (run: Run, index: number) => {
    const name = `pair-${index}`;
    if ((await run.ask('key.generate', { name, purpose: 'signature', algorithm: 'ec-p256', place: 'faulty' })) !== undefined) run.claims.made.push({ key: name, pair: true });
  },
  rotate: async (run: Run) => {
    const pair = run.pick.below(2) === 0;
    const key = pair ? 'signer-ec' : 'cipher';
    if ((await run.ask('key.rotate', { key })) !== undefined) run.claims.made.push({ key, pair });
  },
  destroy: async (run: Run) => {
    const { t, claims } = run;
    const newest = await t.call('key.show', { key: 'spare' });
    const destroyed = await run.ask('key.destroy', { key: 'spare', reason: 'no longer needed' });
    if (destroyed !== undefined) claims.destroyed.push(newest.versions[0]?.id ?? '');
  },
  list: async (run: Run) => void (await run.ask('token.list', {})),
  info: async (run: Run) => void (await run.ask('token.info', { token: 'faulty' })),
} as const satisfies Readonly<Record<string, (run: Run, index: number) => Promise<void>>>;
