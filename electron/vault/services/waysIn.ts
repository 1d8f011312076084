/** Ways into the vault and its epochs: `vault.ways`, `addWay`, `removeWay`, `recoverySheet`, `recover`, `renew`; `identity.export`, `import`. */
import { basename } from 'node:path';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { recoveryWordCount } from '../../../shared/words/pgpWords.ts';
import { equalBytes, fromHex, toHex, utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { randomBytes } from '../crypto/random.ts';
import { newRecoveryWords, readRecoveryWords } from '../crypto/recoveryWords.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import { recoverySheet } from '../formats/recoverySheet.ts';
import { identityLimit, readIdentity } from '../unlock/identityFile.ts';
import type { Place } from '../records/records.ts';
import { unlockVault } from '../unlock/unlockVault.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { removeOutput, withOutput } from '../work/outputFile.ts';
import { underIntent } from '../work/underIntent.ts';
import { newTokenSecret } from './tokenSecret.ts';
import { placeOf } from './tokens.ts';
import { newPassphrase, openBench, requireLocked, seatOf, viewVault } from './vaultFile.ts';
import type { Ports, Workbench } from './workbench.ts';

function ways({ vault }: Workbench): Reply<'vault.ways'> {
  return { ways: vault.access.ways().map(({ id, mode, open, token }) => ({ id: toHex(id), mode, open, ...(token === undefined ? {} : { token: token.label }) })) };
}

const olderCopies = 'older copies of this file still open by it';

/** SECURITY: whoever sits at an open vault does not shut its owner out: what opened it is asked for again, the passphrase here, a token's PIN by the vault. */
async function withPassphrase<T>({ vault, ports }: Workbench, what: string, use: (current: SecretBytes | undefined) => Promise<T>): Promise<T> {
  if (!vault.access.takesPassphrase) return await use(undefined);
  const current = await ports.prompt.passphrase({ why: 'change', sentence: `Your present passphrase, ${what}` });
  return await current.consume(() => use(current));
}

async function removeWay(bench: Workbench, { way }: Request<'vault.removeWay'>): Promise<Reply<'vault.removeWay'>> {
  const { access } = bench.vault;
  const token = access.ways().find(({ id }) => toHex(id) === way)?.token;
  const { seq } = await withPassphrase(bench, 'to remove a way in', (current) => access.removeWay(current, fromHex(way)));
  return { logEntry: seq, note: token === undefined ? olderCopies : `${olderCopies}; its key "${unlockLabel}" stays on the token "${token.label}", where it opens nothing else` };
}

/** What the key of a way in is called on its token. */
const unlockLabel = 'strongroom unlock';

/** @throws what the token throws */
async function sealIn(bench: Workbench, { mode, place }: { readonly mode: 'token' | 'both'; readonly place: Place & { kind: 'pkcs11' } }, current: SecretBytes | undefined, passphrase: SecretBytes | undefined): Promise<number> {
  const id = randomBytes(16);
  const { value } = await underIntent(bench, { act: 'vault.addWay', place, key: id, version: id, body: {} }, async (provider) => {
    const { part, secret } = await newTokenSecret(bench, place, provider, id, `${unlockLabel} ${toHex(id).slice(0, 8)}`);
    return await secret.consume(async () => ({ value: (await bench.vault.access.addWay(current, mode, { passphrase, token: secret }, part)).seq }));
  });
  return value;
}

/** The dedicated key is made on the token, and a random secret is sealed by it: only this key opens it again. */
async function addWay(bench: Workbench, { mode, token }: Request<'vault.addWay'>): Promise<Reply<'vault.addWay'>> {
  const { vault, ports } = bench;
  const { place } = await placeOf(bench, token, await bench.trustedNow());
  if (place.kind !== 'pkcs11') throw new StrongroomError('request-invalid', '"token" expected a token, got the software store', { field: 'token', nextStep: 'see `token list`' });
  return await withPassphrase(bench, 'to add a way in', async (current) => {
    await vault.access.requirePassphrase(current);
    const own = mode === 'token' || current !== undefined ? undefined : await newPassphrase(ports, { why: 'change', sentence: 'A passphrase, to be given together with the token' });
    const passphrase = mode === 'token' ? undefined : (current ?? own);
    try {
      const logEntry = await sealIn(bench, { mode, place }, current, passphrase);
      const way = vault.access.ways().find((one) => one.mode === mode);
      return { logEntry, way: toHex(way?.id ?? new Uint8Array(0)), note: mode === 'both' ? 'the way in by passphrase alone is still there: remove it once you have tried this one' : 'whoever has the token and its PIN opens the vault' };
    } finally {
      own?.wipe();
    }
  });
}

/** What the words of the sheet are typed as, back or for a recovery. */
async function askWords({ prompt }: Ports, sentence: string): Promise<SecretBytes> {
  return readRecoveryWords(await prompt.passphrase({ why: 'recovery', sentence }));
}

/** SECURITY: a sheet counts only once it was read back: one that was not printed, or not whole, helps nobody. */
async function readBack(ports: Ports, words: readonly string[]): Promise<SecretBytes> {
  const typed = await askWords(ports, `Print the sheet, then type its ${recoveryWordCount} words from the paper`);
  if (equalBytes(typed.expose(), utf8(words.join(' ').toLowerCase()))) return typed;
  typed.wipe();
  throw new StrongroomError('confirmation-wrong', 'the words that were typed are those of another sheet', { nextStep: 'make the sheet again, and type what is on it' });
}

async function makeSheet(bench: Workbench, { out }: Request<'vault.recoverySheet'>): Promise<Reply<'vault.recoverySheet'>> {
  const { vault, ports } = bench;
  const grant = ports.files.redeemWrite(out);
  return await withPassphrase(bench, 'to make a recovery sheet', async (current) => {
    await vault.access.requirePassphrase(current);
    const words = newRecoveryWords();
    const html = recoverySheet({ words, vaultName: basename(vault.path), person: vault.principal.name, genesisFingerprint: toHex(vault.genesisFingerprint), at: ports.clock.now() });
    await withOutput(grant, async (output) => {
      await output.write(utf8(html));
      await output.sync();
    });
    try {
      const typed = await readBack(ports, words);
      const { seq } = await typed.consume(() => vault.access.addWay(current, 'recovery', { passphrase: typed }));
      return { logEntry: seq, words: words.length, note: 'print the sheet, if it is not printed yet, and delete its file: whoever has it and a copy of the vault opens the vault' };
    } catch (error) {
      await removeOutput(grant); // SECURITY: words that open nothing are not left about, to be taken for those that do
      throw error;
    }
  });
}

/** Software keys that whoever could open the old epoch could have had. */
function toRotate({ records }: Workbench): Reply<'vault.renew'>['rotate'] {
  return [...records.all('version')].flatMap(({ record }) => {
    const { name, place } = records.keyOf(record).record;
    return place.kind === 'software' && record.state !== 'destroyed' ? [{ key: name, version: record.number, state: record.state }] : [];
  });
}

const worthless = 'copies of the file from before still open by the old passphrase: rotate the keys named here, which they hold';

async function recover(context: LockedContext, { file, unlockCost }: Request<'vault.recover'>): Promise<Reply<'vault.recover'>> {
  const since = requireLocked(context);
  const { ports } = context;
  const { path } = ports.files.redeemRead(file);
  const words = await askWords(ports, `The ${recoveryWordCount} words of the recovery sheet of ${path}`);
  return await words.consume(async () => {
    const { vault, findings } = await unlockVault({ path, passphrase: words, mode: 'recovery', ...seatOf(ports) });
    try {
      const passphrase = await newPassphrase(ports, { why: 'change', sentence: `A new passphrase for the vault ${path}` });
      await passphrase.consume(() => vault.renew(words, { act: 'vault.recover', passphrase, cost: unlockCost }));
    } catch (error) {
      vault.close();
      throw error;
    }
    const bench = await openBench(context, vault, findings, since);
    return { vault: viewVault(bench), rotate: toRotate(bench), note: `the sheet is used up: make a new one; ${worthless}` };
  });
}

async function renew(bench: Workbench, { unlockCost }: Request<'vault.renew'>): Promise<Reply<'vault.renew'>> {
  const { vault, ports } = bench;
  const before = vault.access.ways();
  return await withPassphrase(bench, 'to begin a new epoch', async (current) => {
    const passphrase = await newPassphrase(ports, { why: 'change', sentence: 'Your new passphrase' });
    const { seq, epoch } = await passphrase.consume(() => vault.renew(current, { act: 'vault.renew', passphrase, cost: unlockCost }));
    return { epoch, logEntry: seq, rotate: toRotate(bench), waysRemoved: before.filter(({ id }) => !vault.access.ways().some((way) => equalBytes(way.id, id))).length, note: worthless };
  });
}

async function exportIdentity({ vault, ports }: Workbench, { out }: Request<'identity.export'>): Promise<Reply<'identity.export'>> {
  const grant = ports.files.redeemWrite(out);
  const { file, entry } = await withOutput(grant, async (output) => {
    const exported = vault.access.exportIdentity();
    await output.write(exported.file);
    await output.sync();
    return exported;
  });
  return { logEntry: entry.seq, sha256: toHex(sha256(file)), note: 'it opens with the passphrase that you have now, also after you change the passphrase of the vault' };
}

async function importIdentity(bench: Workbench, { identity }: Request<'identity.import'>): Promise<Reply<'identity.import'>> {
  const { vault, ports } = bench;
  const read = readIdentity(await readSmallFile(ports.files.redeemRead(identity), identityLimit));
  // SECURITY: an old identity has an old passphrase: whoever sits at an open vault does not bring it back without what opened the vault
  const { seq } = await withPassphrase(bench, 'to take an identity file as the way in by passphrase', async (current) => {
    await vault.access.requirePassphrase(current);
    const passphrase = await ports.prompt.passphrase({ why: 'change', sentence: 'The passphrase of the identity file: from now on the vault opens with it, and no longer with the one that it has now' });
    return await passphrase.consume(() => vault.access.importIdentity(read, passphrase));
  });
  return { logEntry: seq, note: 'the vault opens with the passphrase of the identity file from now on' };
}

export const waysInHandlers = {
  'vault.ways': ways,
  'vault.addWay': addWay,
  'vault.removeWay': removeWay,
  'vault.recoverySheet': makeSheet,
  'vault.recover': recover,
  'vault.renew': renew,
  'identity.export': exportIdentity,
  'identity.import': importIdentity,
} satisfies Partial<Handlers>;
