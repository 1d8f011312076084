/** What is left of a run: whether everything that was told is true, as an honest module, openssl and pkcs11-tool see it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Reply } from '../../shared/ipc/contract.ts';
import { openTokenFolder } from '../fixtures/softHsm.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import type { Claims, RunBase } from './seededRun.ts';

/** Milliseconds: longer than a module that lost its host may still be at work. */
const later = 5 * 60 * 1000;

/** CKA_IDs of the secret and private keys that pkcs11-tool sees. */
function seenByOthers(folder: string, { token }: RunBase): readonly string[] {
  const list = execFileSync('pkcs11-tool', ['--module', token.modulePath, '--token-label', token.label, '--login', '--pin', token.userPin, '--list-objects'], { env: { ...process.env, ...openTokenFolder(folder) }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return list.split(/^(?=\S)/m).flatMap((object) => (/^(Secret|Private) Key/.test(object) ? [/^\s+ID:\s+([0-9a-f]+)/m.exec(object)?.[1] ?? ''] : []));
}

function opensslVerifies(pem: string, file: string, signature: string): boolean {
  try {
    execFileSync('openssl', ['dgst', '-sha256', '-verify', pem, '-signature', signature, file], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

async function signatureFaults(t: TestCore, { signatures }: Claims): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const { key, file, signature } of signatures) {
    const { versions } = await t.call('key.show', { key });
    const pems = await Promise.all(versions.map(async ({ number }) => {
      const pem = t.path(`${key}-${number}.pem`);
      writeFileSync(pem, (await t.call('key.public', { key, version: number })).text ?? '');
      return pem;
    }));
    if (!pems.some((pem) => opensslVerifies(pem, t.path(file), t.path(signature)))) broken.push(`openssl does not verify ${signature} of ${key}`);
  }
  return broken;
}

function sameContent(t: TestCore, file: string, plain: string): boolean {
  return readFileSync(t.path(file)).equals(readFileSync(t.path(plain)));
}

async function fileFaults(t: TestCore, { encrypted, decrypted, tags, wrapped }: Claims): Promise<readonly string[]> {
  const broken = decrypted.filter(({ file, plain }) => !sameContent(t, file, plain)).map(({ file }) => `${file} was decrypted to something else`);
  for (const { file, plain } of encrypted) {
    const opened = await t.core.call('key.decrypt', { in: t.read(file), out: t.write(`${file}.back`) });
    if (!opened.ok || !sameContent(t, `${file}.back`, plain)) broken.push(`${file} was encrypted, and does not open`);
  }
  for (const { file, tag } of tags) if (!(await t.core.call('key.verifyMac', { key: 'tags', in: t.read(file), tag })).ok) broken.push(`the tag of ${file} is not its tag`);
  for (const [index, blob] of wrapped.entries()) broken.push(...(await wrappedFaults(t, blob, `look-${index}`)));
  return broken;
}

/** What was wrapped is the key that was to be: it opens what that one has sealed. */
async function wrappedFaults(t: TestCore, blob: string, name: string): Promise<readonly string[]> {
  const opened = await t.core.call('key.unwrap', { name, in: t.read(blob), with: 'kek', format: 'aes-kw', purpose: 'data-encryption', algorithm: 'aes-256' });
  if (!opened.ok) return [`${blob} was wrapped, and does not unwrap: ${opened.error.message}`];
  const back = await t.core.call('key.decrypt', { in: t.read('travels.sr'), out: t.write(`${blob}.back`), with: name });
  return back.ok && sameContent(t, `${blob}.back`, 'plain') ? [] : [`${blob} holds another key than was to be wrapped`];
}

/** Keys that were told to be made work. */
async function madeFaults(t: TestCore, { made }: Claims): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const [index, { key, pair }] of made.entries()) {
    const used = pair ? await t.core.call('key.sign', { key, files: [t.read('plain')], signatures: [t.write(`made-${index}.sig`)] }) : await t.core.call('key.encrypt', { key, in: t.read('plain'), out: t.write(`made-${index}.sr`) });
    if (!used.ok) broken.push(`"${key}" was made, and does not work: ${used.error.message}`);
    else if (!pair && !(await t.core.call('key.decrypt', { in: t.read(`made-${index}.sr`), out: t.write(`made-${index}`) })).ok) broken.push(`"${key}" was made, and does not open what it seals`);
  }
  return broken;
}

/** What was made with a key that the module has destroyed behind our back cannot be looked at: it is enough that the vault names the key as missing. */
function withoutMissing(claims: Claims, missing: readonly string[]): Claims {
  const gone = (key: string) => missing.some((name) => name.startsWith(`${key} version `));
  return {
    ...claims,
    encrypted: gone('cipher') ? [] : claims.encrypted,
    wrapped: gone('kek') || gone('travels') ? [] : claims.wrapped,
    tags: gone('tags') ? [] : claims.tags,
    made: claims.made.filter(({ key }) => !gone(key)),
  };
}

async function placeFaults(t: TestCore, present: readonly string[], { destroyed }: Claims, { missing, keys }: Reply<'token.info'>): Promise<readonly string[]> {
  const broken = destroyed.filter((id) => present.includes(id)).map((id) => `pkcs11-tool still sees ${id}, which was destroyed`);
  const names = (await t.call('key.list', { place: 'pkcs11' })).keys.map(({ name }) => name);
  for (const name of names) {
    const { versions } = await t.call('key.show', { key: name });
    const lost = versions.filter(({ id, state, number }) => state !== 'destroyed' && !present.includes(id) && !missing.includes(`${name} version ${number}`));
    broken.push(...lost.map(({ number }) => `"${name}" version ${number} is neither on the token nor named as missing`));
  }
  const orphans = keys.filter(({ knownAs }) => knownAs === undefined);
  return [...broken, ...orphans.map(({ label }) => `"${label}" is on the token, and is nobody's key`)];
}

/** @param open a core with an honest module and its usual limits */
export async function lookAfter(open: () => TestCore, folder: string, claims: Claims, base: RunBase): Promise<readonly string[]> {
  const t = open();
  t.now = Date.now() + later;
  try {
    await t.unlock();
    const { waiting } = await t.call('vault.reconcile', {});
    await t.call('vault.check', {});
    const info = await t.call('token.info', { token: 'faulty' });
    const known = withoutMissing(claims, info.missing);
    return [
      ...waiting.map(({ act, why }) => `${act} still waits: ${why}`),
      ...(await placeFaults(t, seenByOthers(folder, base), claims, info)),
      ...(await signatureFaults(t, claims)),
      ...(await fileFaults(t, known)),
      ...(await madeFaults(t, known)),
    ];
  } finally {
    await t.core.close();
  }
}
