/** The steps of the demo, in order. Each throws where something did not hold, and says in a few words what did. */
import { createDecipheriv } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { DemoTable } from './demoTable.ts';

export type DemoStep = readonly [title: string, step: (table: DemoTable) => Promise<string>];

type Place = 'token' | 'vault';
/** The two keys that go through everything: one on the token, one in the vault. */
const sides: readonly { readonly place: Place; readonly key: string; readonly pair: string }[] = [
  { place: 'token', key: 'payroll-token', pair: 'release-token' },
  { place: 'vault', key: 'payroll', pair: 'release' },
];

function same(a: Uint8Array, b: Uint8Array, what: string): void {
  if (Buffer.compare(a, b) !== 0) throw new Error(`${what} differ`);
}

function held(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

async function generate(table: DemoTable, { place, key, pair }: (typeof sides)[number]): Promise<string> {
  const where = place === 'token' ? table.tokenLabel : 'software';
  const secret = await table.call('key.generate', { name: key, purpose: 'data-encryption', algorithm: 'aes-256', exportable: true, place: where });
  await table.call('key.generate', { name: pair, purpose: 'signature', algorithm: 'rsa-2048', place: where });
  return `"${key}" (AES-256, active until ${secret.version.originatorUsageEnd?.slice(0, 10)}) and "${pair}" (RSA-2048)`;
}

/** SoftHSM knows OAEP with SHA-1 only, which is said; in the vault SHA-256 is the default. */
const oaep = { token: { format: 'rsa-oaep-sha1', md: 'sha1' }, vault: { format: 'rsa-oaep-sha256', md: 'sha256' } } as const;

async function exportAndOpen(table: DemoTable, { place, key }: (typeof sides)[number]): Promise<string> {
  const { format, md } = oaep[place];
  const refusal = await table.refused('key.export', { key, to: 'bank', format, out: table.write(`${key}.oaep`) });
  const strength = Number(/would travel at (\d+)/.exec(refusal)?.[1]);
  const { distribution } = await table.call('key.export', { key, to: 'bank', format, acceptStrength: strength, out: table.write(`${key}.oaep`) });
  const said = `by ${format}, at ${distribution.effectiveStrength} bits of strength, accepted by name`;
  if (table.recipientPrivate === undefined) return `${said}; the recipient's private key is not here, so nobody here opens it`;
  const opened = table.openssl('pkeyutl', '-decrypt', '-inkey', table.recipientPrivate, '-in', table.path(`${key}.oaep`), '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', `rsa_oaep_md:${md}`);
  requireSameKey(opened, readFileSync(table.path(`${key}.sr`)));
  writeFileSync(table.path(`${key}.raw`), opened, { mode: 0o600 });
  return `${said}; openssl unwraps it, and it is the key that encrypted the file`;
}

/** The key that openssl unwrapped opens the file key in the header that the provider sealed (ENCRYPTED-FILE.md). @throws Error where it is another key */
function requireSameKey(key: Uint8Array, file: Uint8Array): void {
  const decipher = createDecipheriv('aes-256-gcm', key, file.subarray(113, 125));
  decipher.setAAD(file.subarray(0, 81));
  decipher.setAuthTag(file.subarray(157, 173));
  decipher.update(file.subarray(125, 157));
  decipher.final();
}

/** What openssl unwrapped goes back in, wrapped by openssl to a transport key of the vault: the same key decrypts what the first one encrypted. */
async function importBack(table: DemoTable): Promise<string> {
  if (table.recipientPrivate === undefined) return 'skipped: nobody here can open the export';
  await table.call('key.generate', { name: 'inbox', purpose: 'key-transport', algorithm: 'rsa-3072' });
  await table.call('key.public', { key: 'inbox', out: table.write('inbox.pem') });
  table.openssl('pkeyutl', '-encrypt', '-pubin', '-inkey', table.path('inbox.pem'), '-in', table.path('payroll.raw'), '-out', table.path('back.oaep'), '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256');
  const { version } = await table.call('key.unwrap', { name: 'payroll-back', purpose: 'data-encryption', algorithm: 'aes-256', with: 'inbox', in: table.read('back.oaep') });
  held(version.origin === 'unwrapped', 'the key is not marked as unwrapped');
  return '"payroll-back" is the key that openssl had; its bytes were seen by nobody on the way in';
}

/** Both keys wrapped under a key-wrapping key in their place, by AES-KWP. */
async function wrapUnderKek(table: DemoTable, { place, key }: (typeof sides)[number]): Promise<string> {
  const kek = `kek-${place}`;
  await table.call('key.generate', { name: kek, purpose: 'key-wrapping', algorithm: 'aes-256', place: place === 'token' ? table.tokenLabel : 'software' });
  await table.call('key.wrap', { key, under: kek, format: 'aes-kwp', out: table.write(`${key}.kwp`) });
  await table.call('key.unwrap', { name: `${key}-copy`, purpose: 'data-encryption', algorithm: 'aes-256', with: kek, format: 'aes-kwp', in: table.read(`${key}.kwp`) });
  return `"${key}" under "${kek}", and back as "${key}-copy"`;
}

async function encrypt(table: DemoTable, { key }: (typeof sides)[number]): Promise<string> {
  const plain = Buffer.alloc(300_000, `wages under ${key}; `);
  writeFileSync(table.path(`${key}.csv`), plain);
  const { bytesOut } = await table.call('key.encrypt', { key, in: table.read(`${key}.csv`), out: table.write(`${key}.sr`) });
  await table.call('key.decrypt', { in: table.read(`${key}.sr`), out: table.write(`${key}.back`) });
  same(plain, readFileSync(table.path(`${key}.back`)), 'the file and what was decrypted');
  return `${plain.length} bytes to ${bytesOut} and back`;
}

async function sign(table: DemoTable, { key, pair }: (typeof sides)[number]): Promise<string> {
  const file = `${key}.csv`;
  await table.call('key.sign', { key: pair, files: [table.read(file)], signatures: [table.write(`${file}.sig`)], mechanism: 'rsa-pkcs1-sha256' });
  await table.call('key.public', { key: pair, out: table.write(`${pair}.pem`) });
  const said = table.openssl('dgst', '-sha256', '-verify', table.path(`${pair}.pem`), '-signature', table.path(`${file}.sig`), table.path(file)).toString().trim();
  held(said === 'Verified OK', `openssl says ${said}`);
  return `openssl says "${said}"`;
}

async function rotate(table: DemoTable, { key }: (typeof sides)[number]): Promise<string> {
  const { version, predecessor, holders } = await table.call('key.rotate', { key, reason: 'demo' });
  held(version.number === 2 && predecessor.state === 'deactivated', 'the generations do not fit');
  await table.call('key.decrypt', { in: table.read(`${key}.sr`), out: table.write(`${key}.again`) });
  return `version 2 is active; version 1 only processes, and still decrypts; ${holders.length} holder of the old one listed`;
}

async function destroy(table: DemoTable, { key }: (typeof sides)[number]): Promise<string> {
  const { certificate } = await table.call('key.destroy', { key, version: 1, reason: 'replaced' });
  held(certificate.objectsBefore === 1 && certificate.objectsAfter === 0, 'the key is still there');
  const message = await table.refused('key.decrypt', { in: table.read(`${key}.sr`), out: table.write(`${key}.never`) });
  held(message.includes('destroyed'), 'a use was not refused for the right reason');
  return `${certificate.objectsBefore} object before, ${certificate.objectsAfter} after; a use answers ${certificate.attemptedUse}; ${certificate.knownCopies.length} known copies stay outstanding`;
}

async function verifyLog(table: DemoTable): Promise<string> {
  const { genesisFingerprint } = await table.call('vault.info', {});
  const exported = await table.call('audit.export', { out: table.write('log.jsonl') });
  await table.call('vault.check', {});
  await table.lock();
  const verified = await table.call('audit.verify', { log: table.read('log.jsonl'), genesis: genesisFingerprint });
  held(verified.entries === exported.entries && verified.root === exported.root, 'the exported log is not the one that was exported');
  return `${verified.entries} entries, verified without the vault from genesis ${genesisFingerprint.slice(0, 16)}…`;
}

/** One byte of one sealed row, by another program. */
async function tamper(table: DemoTable): Promise<string> {
  table.run('sqlite3', table.vaultPath, "UPDATE version SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || X'00' AS BLOB) WHERE id = (SELECT id FROM version LIMIT 1)");
  const message = await table.refused('vault.unlock', { file: table.files.read(table.vaultPath) });
  held(message.includes('version') && message.includes('edited'), `the unlock says: ${message}`);
  return `the unlock says: ${message}`;
}

function forBoth(title: string, step: (table: DemoTable, side: (typeof sides)[number]) => Promise<string>): readonly DemoStep[] {
  return sides.map((side): DemoStep => [`${title} ${side.place === 'token' ? 'on the token' : 'in the vault'}`, (table) => step(table, side)]);
}

export const demoSteps: readonly DemoStep[] = [
  ['a vault', async (table) => `genesis ${(await table.call('vault.create', { file: table.files.write(table.vaultPath, false), person: 'Ada Officer', unlockCost: 'minimum' })).genesisFingerprint.slice(0, 16)}…, one person`],
  [
    'a token, made on the spot, and its module pinned',
    async (table) => {
      const { module } = await table.call('token.add', { module: table.files.read(table.makeToken()) });
      return `${module.name}, SHA-256 ${module.sha256.slice(0, 16)}…`;
    },
  ],
  ...forBoth('keys generated', generate),
  [
    'a recipient, its fingerprint confirmed',
    async (table) => {
      table.makeRecipient();
      const { modulusBits, strength } = await table.call('recipient.add', { name: 'bank', key: table.files.read(table.recipientPath) });
      return `"bank", RSA of ${modulusBits} bits, ${strength} bits of strength`;
    },
  ],
  ...forBoth('a file encrypted and decrypted', encrypt),
  ...forBoth('exported to the recipient', exportAndOpen),
  ['imported again', importBack],
  ...forBoth('wrapped and unwrapped', wrapUnderKek),
  ...forBoth('a file signed', sign),
  ...forBoth('rotated', rotate),
  ...forBoth('destroyed', destroy),
  ['the log', verifyLog],
  ['a row edited by the sqlite3 program', tamper],
];
