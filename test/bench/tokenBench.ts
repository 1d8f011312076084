/** Work on a SoftHSM token, against `pkcs11-tool`, `p11tool` and a raw pkcs11js loop: lists, new keys, signatures one at a time and in batches, AES-GCM. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import pkcs11 from 'pkcs11js';
import type { Mechanism, PKCS11, Template } from 'pkcs11js';
import type { Algorithm } from '../../shared/model/terms.ts';
import type { ProviderKey } from '../../electron/vault/providers/provider.ts';
import { HashedMessage } from '../../electron/vault/crypto/hashedMessage.ts';
import { openToken } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

type Say = (line: string) => void;

/** Who does the same work: milliseconds a piece, or nothing where he cannot do it. */
interface Row {
  readonly work: string;
  /** The whole vault: a method of the contract, with files, log and commits. */
  readonly vault: number;
  /** The provider alone: the child process, no vault. */
  readonly provider?: number;
  readonly raw?: number;
  readonly pkcs11Tool?: number;
  readonly p11tool?: number;
}

const objects = 1000;
const batch = 1000;

/** Milliseconds of each of `count` runs, averaged. */
async function timed(count: number, run: (index: number) => unknown): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) await run(index);
  return (performance.now() - start) / count;
}

/** The middle of so many times: a list that is read once a few times is soon disturbed. */
async function middle(count: number, run: (index: number) => unknown): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) times.push(await timed(1, () => run(index)));
  return times.toSorted((a, b) => a - b)[Math.floor(count / 2)] ?? 0;
}

function ulong(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** A session of the bare binding, logged in. */
class Raw {
  readonly #module: PKCS11 = new pkcs11.PKCS11();
  readonly #session: Buffer;

  constructor(token: SoftHsmToken) {
    process.env.SOFTHSM2_CONF = token.environment.SOFTHSM2_CONF;
    this.#module.load(token.modulePath);
    this.#module.C_Initialize();
    const slot = this.#module.C_GetSlotList(true).find((candidate) => this.#module.C_GetTokenInfo(candidate).label.trim() === token.label);
    if (slot === undefined) throw new Error('the token is not there');
    this.#session = this.#module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
    this.#module.C_Login(this.#session, pkcs11.CKU_USER, token.userPin);
  }

  find(template: Template): readonly Buffer[] {
    this.#module.C_FindObjectsInit(this.#session, template);
    const found: Buffer[] = [];
    for (;;) {
      const some = this.#module.C_FindObjects(this.#session, 64);
      if (some.length === 0) break;
      found.push(...some);
    }
    this.#module.C_FindObjectsFinal(this.#session);
    return found;
  }

  /** What pkcs11-tool shows of a secret key, by one call for each attribute, as its authors do. */
  list(): void {
    const shown = [pkcs11.CKA_LABEL, pkcs11.CKA_ID, pkcs11.CKA_KEY_TYPE, pkcs11.CKA_SENSITIVE, pkcs11.CKA_EXTRACTABLE, pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT, pkcs11.CKA_SIGN, pkcs11.CKA_WRAP, pkcs11.CKA_UNWRAP, pkcs11.CKA_DERIVE, pkcs11.CKA_ALWAYS_SENSITIVE];
    for (const handle of this.find([{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY }])) for (const type of shown) this.#module.C_GetAttributeValue(this.#session, handle, [{ type }]);
  }

  generateAes(): void {
    this.#module.C_GenerateKey(this.#session, { mechanism: pkcs11.CKM_AES_KEY_GEN }, [...kept(), { type: pkcs11.CKA_VALUE_LEN, value: 32 }, { type: pkcs11.CKA_ENCRYPT, value: true }]);
  }

  generatePair(): void {
    const curve = Buffer.from('06082a8648ce3d030107', 'hex');
    this.#module.C_GenerateKeyPair(this.#session, { mechanism: pkcs11.CKM_EC_KEY_PAIR_GEN }, [...kept(), { type: pkcs11.CKA_EC_PARAMS, value: curve }], [...kept(), { type: pkcs11.CKA_SIGN, value: true }]);
  }

  signer(label: string): (mechanism: Mechanism, input: Buffer, bytes: number) => void {
    const [key] = this.find([{ type: pkcs11.CKA_CLASS, value: ulong(pkcs11.CKO_PRIVATE_KEY) }, { type: pkcs11.CKA_LABEL, value: label }]);
    if (key === undefined) throw new Error(`the token has no private key "${label}"`);
    return (mechanism, input, bytes) => {
      this.#module.C_SignInit(this.#session, mechanism, key);
      this.#module.C_Sign(this.#session, input, Buffer.alloc(bytes));
    };
  }

  sealer(label: string): (data: Buffer) => void {
    const [key] = this.find([{ type: pkcs11.CKA_CLASS, value: ulong(pkcs11.CKO_SECRET_KEY) }, { type: pkcs11.CKA_LABEL, value: label }]);
    if (key === undefined) throw new Error(`the token has no secret key "${label}"`);
    return (data) => {
      const parameter = { type: pkcs11.CK_PARAMS_AES_GCM, iv: randomBytes(12), ivBits: 96, aad: Buffer.alloc(0), tagBits: 128 } as const;
      this.#module.C_EncryptInit(this.#session, { mechanism: pkcs11.CKM_AES_GCM, parameter }, key);
      this.#module.C_Encrypt(this.#session, data, Buffer.alloc(data.length + 16));
    };
  }

  close(): void {
    this.#module.C_Finalize();
  }
}

function kept(): Template {
  return [{ type: pkcs11.CKA_TOKEN, value: true }, { type: pkcs11.CKA_PRIVATE, value: true }, { type: pkcs11.CKA_ID, value: randomBytes(16) }, { type: pkcs11.CKA_LABEL, value: randomBytes(6).toString('hex') }];
}

/** Everything that measures, on one token. */
interface Bench {
  readonly t: TestCore;
  readonly token: SoftHsmToken;
  readonly opened: OpenedToken;
  readonly raw: Raw;
}

const p11tool = ({ token }: Bench, ...args: readonly string[]) => token.run('env', [`GNUTLS_PIN=${token.userPin}`, 'p11tool', '--batch', '--login', '--provider', token.modulePath, ...args]);
const url = ({ token }: Bench, more = '') => `pkcs11:serial=${token.serial}${more}`;

async function lists(bench: Bench): Promise<readonly Row[]> {
  const { t, token, opened, raw } = bench;
  const there = raw.find([{ type: pkcs11.CKA_CLASS, value: ulong(pkcs11.CKO_SECRET_KEY) }]).length;
  for (let made = there; made < objects; made += 1) raw.generateAes();
  return [
    {
      work: `list ${objects} keys`,
      vault: await middle(3, () => t.call('token.info', { token: 'bench' })),
      provider: await middle(3, () => opened.provider.list()),
      raw: await middle(3, () => raw.list()),
      pkcs11Tool: await middle(3, () => token.pkcs11Tool('--list-objects')),
      p11tool: await middle(3, () => p11tool(bench, '--list-all', url(bench))),
    },
  ];
}

async function generations(bench: Bench): Promise<readonly Row[]> {
  const { t, token, opened, raw } = bench;
  const kinds = [{ algorithm: 'aes-256', purpose: 'data-encryption', tool: ['--keygen', '--key-type', 'AES:32'] }, { algorithm: 'ec-p256', purpose: 'signature', tool: ['--keypairgen', '--key-type', 'EC:prime256v1'] }] as const;
  const rows: Row[] = [];
  for (const { algorithm, purpose, tool } of kinds) {
    rows.push({
      work: `generate ${algorithm}`,
      vault: await timed(8, (index) => t.call('key.generate', { name: `${algorithm}-${index}`, purpose, algorithm, place: 'bench' })),
      provider: await timed(8, (index) => opened.provider.generate({ id: randomBytes(16), label: `${algorithm} ${index}`, algorithm, purpose, exportable: false })),
      raw: await timed(8, () => (algorithm === 'aes-256' ? raw.generateAes() : raw.generatePair())),
      pkcs11Tool: await timed(4, () => token.pkcs11Tool(...tool, '--label', randomBytes(4).toString('hex'), '--id', randomBytes(8).toString('hex'))),
      ...(algorithm === 'ec-p256' ? { p11tool: await timed(4, () => p11tool(bench, '--generate-privkey=ecc', '--curve=secp256r1', '--label', randomBytes(4).toString('hex'), url(bench))) } : {}),
    });
  }
  return rows;
}

const digest = createHash('sha256').update('x').digest();
const digestInfo = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), digest]);
const subjects = [
  { algorithm: 'rsa-2048', mechanism: 'rsa-pkcs1-sha256', ckm: pkcs11.CKM_RSA_PKCS, input: digestInfo, bytes: 256, tool: 'RSA-PKCS' },
  { algorithm: 'ec-p256', mechanism: 'ecdsa-sha256', ckm: pkcs11.CKM_ECDSA, input: digest, bytes: 64, tool: 'ECDSA' },
] as const satisfies readonly { readonly algorithm: Algorithm; readonly [more: string]: unknown }[];

async function providerKey({ opened }: Bench, label: string): Promise<ProviderKey> {
  const key = (await opened.provider.list()).find((candidate) => candidate.label === label);
  if (key === undefined) throw new Error(`the token has no key "${label}"`);
  return key;
}

/** @returns one at a time, then a batch: both a signature */
async function signatures(bench: Bench): Promise<readonly Row[]> {
  const { t, token, opened, raw } = bench;
  const rows: Row[] = [];
  for (const { algorithm, mechanism, ckm, input, bytes, tool } of subjects) {
    const name = `signer-${algorithm}`;
    await t.call('key.generate', { name, purpose: 'signature', algorithm, place: 'bench' });
    const { id, ref, publicKey } = await providerKey(bench, `${name} v1`);
    const files = (count: number) => Array.from({ length: count }, () => t.read('digest'));
    const sign = (count: number) => t.call('key.sign', { key: name, files: files(count), mechanism });
    const messagesOf = (count: number) => (algorithm === 'ec-p256' ? { messages: Array.from({ length: count }, () => HashedMessage.of('sha256', Buffer.from('x'))) } : {});
    const provide = (count: number) => opened.provider.sign({ ref, mechanism, inputs: Array.from({ length: count }, () => digest), ...messagesOf(count), ...(publicKey === undefined ? {} : { publicKey }) });
    const loop = raw.signer(`${name} v1`);
    await sign(1);
    await provide(1);
    const bare = await timed(batch, () => loop({ mechanism: ckm }, input, bytes));
    const byTool = await timed(5, () => token.pkcs11Tool('--sign', '--mechanism', tool, '--id', Buffer.from(id).toString('hex'), '--input-file', t.path('input'), '--output-file', t.path('out')));
    rows.push({ work: `sign ${algorithm}, one at a time`, vault: await timed(30, () => sign(1)), provider: await timed(200, () => provide(1)), raw: bare, pkcs11Tool: byTool, p11tool: await timed(5, () => p11tool(bench, '--test-sign', url(bench, `;object=${name}%20v1;type=private`))) });
    rows.push({ work: `sign ${algorithm}, batches of ${batch}`, vault: (await middle(3, () => sign(batch))) / batch, provider: (await middle(3, () => provide(batch))) / batch, raw: (bare + (await timed(batch, () => loop({ mechanism: ckm }, input, bytes)))) / 2, pkcs11Tool: byTool });
  }
  return rows;
}

async function sealings({ t, opened, raw, token }: Bench): Promise<readonly Row[]> {
  await t.call('key.generate', { name: 'sealer', purpose: 'data-encryption', algorithm: 'aes-256', place: 'bench' });
  const { ref } = await providerKey({ t, opened, raw, token }, 'sealer v1');
  const seal = raw.sealer('sealer v1');
  const rows: Row[] = [];
  for (const [name, length, count] of [['1 KiB', 1024, 30], ['16 MiB', 16 * 1024 * 1024, 2]] as const) {
    writeFileSync(t.path(name), randomBytes(length));
    const data = Buffer.alloc(length);
    rows.push({
      work: `AES-GCM of ${name}`,
      vault: await timed(count, (index) => t.call('key.encrypt', { key: 'sealer', in: t.read(name), out: t.write(`${name} ${index}.sr`) })),
      ...(length <= 4 * 1024 * 1024 ? { provider: await timed(count * 4, () => opened.provider.encrypt({ ref, plaintext: data, aad: new Uint8Array(0) })) } : {}),
      raw: await timed(count, () => seal(data)),
    });
  }
  return rows;
}

function sayRow(say: Say, { work, vault, provider, raw, pkcs11Tool, p11tool: p11 }: Row): void {
  const other = (name: string, time: number | undefined) => (time === undefined ? '' : `; ${name} ${time.toFixed(3)} ms, ${(time / vault).toFixed(2)} times as long`);
  const alone = provider === undefined ? '' : `, without the vault ${provider.toFixed(3)} ms${raw === undefined ? '' : ` (${(raw / provider).toFixed(2)} of the loop's speed)`}`;
  say(`${work.padEnd(34)} ${vault.toFixed(3)} ms${alone}${other('raw loop', raw)}${other('pkcs11-tool', pkcs11Tool)}${other('p11tool', p11)}`);
}

export async function tokenBench(say: Say): Promise<string> {
  const token = makeSoftHsmToken('bench');
  const t = makeTestCore({ token });
  t.answers.pin = token.userPin;
  await t.create();
  await t.call('token.add', { module: t.files.read(token.modulePath) });
  writeFileSync(t.path('digest'), 'x');
  writeFileSync(t.path('input'), digest);
  const bench: Bench = { t, token, opened: await openToken(token), raw: new Raw(token) };
  await bench.opened.provider.capabilities();
  for (const measure of [signatures, sealings, generations, lists]) for (const row of await measure(bench)) sayRow(say, row);
  bench.raw.close();
  await bench.opened.modules.close();
  await t.core.close();
  token.remove();
  say('one at a time is bound by two commits and a sync of each file; a batch by reading each file, and by one child that signs while this process verifies; a list by proving the length of each attribute before it leaves the child, where the tools take the module at its word; the tools by a start, a login and a search for each piece');
  return t.folder;
}
