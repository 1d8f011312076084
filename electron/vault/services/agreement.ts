/** New keys from other keys: `key.derive`, `key.encapsulate`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts, derivationsOf } from '../../../shared/lifecycle/purposes.ts';
import type { Algorithm } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { fromHex, toHex, utf8 } from '../crypto/bytes.ts';
import { hkdfFor, sha256 } from '../crypto/hashes.ts';
import { mlKemEncapsulate } from '../crypto/postQuantum.ts';
import { SecretBytes } from '../crypto/secretBytes.ts';
import { readSpki } from '../crypto/spki.ts';
import type { Handlers } from '../door/handlers.ts';
import { readPublicKeyFile } from '../formats/readPublicKeyFile.ts';
import type { DeriveRequest, KeyProvider } from '../providers/provider.ts';
import type { KeyRecord } from '../records/records.ts';
import { countedUse } from '../work/countedUse.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { makeKey, newKeyRecord } from '../work/makeKey.ts';
import type { Made, NewKey } from '../work/makeKey.ts';
import { OutputFile } from '../work/outputFile.ts';
import { protector } from './keyUse.ts';
import { viewKeyAndVersion } from './keyViews.ts';
import { placeOf } from './tokens.ts';
import type { Workbench } from './workbench.ts';

/** A public key of ML-KEM-768 in PEM has less than 2 KiB. */
const peerLimit = 16 * 1024;

function saltOf({ salt }: { readonly salt?: string | undefined }): { readonly salt?: Uint8Array } {
  return salt === undefined ? {} : { salt: fromHex(salt) };
}

function infoOf({ info }: { readonly info?: string | undefined }): Uint8Array {
  return utf8(info ?? '');
}

/** @throws `refused` KEY-GENERATE-1…, `request-invalid` for a pair, which is not derived */
function derivedRecord(bench: Workbench, request: NewKey, place: KeyRecord['place'], now: number): KeyRecord {
  const record = newKeyRecord(bench, request, place, now);
  if (algorithmFacts[record.algorithm].kind === 'secret') return record;
  throw new StrongroomError('request-invalid', `"algorithm" expected a secret key's, got ${record.algorithm}: pairs are not derived`, { field: 'algorithm' });
}

/** SP 800-57 Part 1 §5.6.2: a key is no stronger than what it came from. */
function strengthNotes(algorithm: Algorithm, from: Algorithm): readonly string[] {
  const [own, source] = [algorithmFacts[algorithm].strength, algorithmFacts[from].strength];
  return source >= own ? [] : [`it is worth ${source} bits of strength, as the ${from} key that it came from`];
}

/** The other party's part: a public key, or an encapsulation of ours. */
async function peerOf(bench: Workbench, request: Request<'key.derive'>, from: Algorithm): Promise<{ readonly peer?: Uint8Array }> {
  const { family } = algorithmFacts[from];
  if (request.peer === undefined) {
    if (family === 'hmac') return {};
    throw new StrongroomError('request-invalid', `"peer" expected ${family === 'ml-kem' ? 'what was encapsulated to this key' : 'the public key of the other party'}, got nothing`, { field: 'peer' });
  }
  if (family === 'hmac') throw new StrongroomError('request-invalid', '"peer" is for key agreement: a key-derivation key has no other party', { field: 'peer' });
  const bytes = await readSmallFile(bench.ports.files.redeemRead(request.peer), peerLimit);
  return { peer: family === 'ml-kem' ? bytes : readPublicKeyFile(bytes).spki };
}

function viewMade(bench: Workbench, { key, version, entry }: Made, now: number) {
  const record = bench.records.get('version', version);
  if (record === undefined) throw new StrongroomError('not-found', 'the key version is not there any more');
  return { ...viewKeyAndVersion(bench.records, key, { id: version, record }, now), logEntry: entry.seq };
}

async function derive(bench: Workbench, request: Request<'key.derive'>): Promise<Reply<'key.derive'>> {
  const { records } = bench;
  const now = await bench.trustedNow();
  const from = records.key(request.from);
  const source = protector(bench, from);
  const counter = await countedUse(bench, { key: from, version: source, operation: 'derive' });
  const record = derivedRecord(bench, request, from.record.place, now);
  const derivation = derivationFor(from.record.algorithm, request.derivation);
  const parts: Pick<DeriveRequest, 'salt' | 'info' | 'peer'> = { ...saltOf(request), info: infoOf(request), ...(await peerOf(bench, request, from.record.algorithm)) };
  const body = { from: source.id, derivation, info: parts.info, ...(parts.salt === undefined ? {} : { salt: parts.salt }), ...(parts.peer === undefined ? {} : { peer: sha256(parts.peer) }) };
  const make = (provider: KeyProvider, wanted: Parameters<KeyProvider['generate']>[0]) => provider.derive({ ...wanted, from: source.record.ref, derivation, ...parts });
  const notes = strengthNotes(record.algorithm, from.record.algorithm);
  const made = await makeKey(bench, record, { act: 'key.derive', origin: 'derived', active: true, puts: [counter], more: body, derivedFrom: source.id, notes, make });
  return { ...viewMade(bench, made, now), derivation };
}

function derivationFor(algorithm: Algorithm, wanted: Request<'key.derive'>['derivation']): DeriveRequest['derivation'] {
  const fits = derivationsOf(algorithm);
  const derivation = wanted ?? fits[0];
  if (derivation !== undefined && fits.includes(derivation)) return derivation;
  throw new StrongroomError('request-invalid', `"derivation" from ${algorithm} expected ${fits.join(', ') || 'none'}, got ${wanted ?? 'nothing'}`, { field: 'derivation' });
}

interface Encapsulated {
  readonly ciphertext: Uint8Array;
  readonly material: SecretBytes;
}

/** HKDF-SHA-256 over the shared secret, as `key.derive` does on the other side. @throws `input-malformed` for what is no such public key */
function encapsulateTo(spki: Uint8Array, request: Request<'key.encapsulate'>, bytes: number): Encapsulated {
  const found = readSpki(spki);
  if (found?.kind !== 'ml-kem-768') throw new StrongroomError('input-malformed', `"to" expected an ML-KEM-768 public key, got ${found?.kind ?? 'something else'}`, { field: 'to' });
  const { ciphertext, secret } = encapsulated(found.raw);
  try {
    const { salt = new Uint8Array(0) } = saltOf(request);
    return { ciphertext, material: SecretBytes.own(hkdfFor('sha256', secret, salt, infoOf(request), bytes)) };
  } finally {
    secret.fill(0); // SECURITY: what both parties know is wiped once the key is made
  }
}

function encapsulated(publicKey: Uint8Array): ReturnType<typeof mlKemEncapsulate> {
  try {
    return mlKemEncapsulate(publicKey);
  } catch (cause) {
    throw new StrongroomError('input-malformed', '"to" is no ML-KEM-768 public key: its numbers are out of range', { field: 'to', cause }); // FIPS 203 §7.2
  }
}

async function encapsulate(bench: Workbench, request: Request<'key.encapsulate'>): Promise<Reply<'key.encapsulate'>> {
  const now = await bench.trustedNow();
  const { files } = bench.ports;
  const { place, puts } = await placeOf(bench, request.place, now);
  const record = derivedRecord(bench, request, place, now);
  const { spki } = readPublicKeyFile(await readSmallFile(files.redeemRead(request.to), peerLimit));
  const output = OutputFile.plan(files.redeemWrite(request.ciphertext));
  const { ciphertext, material } = encapsulateTo(spki, request, algorithmFacts[record.algorithm].bits / 8);
  try {
    const body = { derivation: 'ecdh-hkdf-sha256', info: infoOf(request), ...saltOf(request), peer: sha256(spki), sha256: sha256(ciphertext) };
    const make = async (provider: KeyProvider, wanted: Parameters<KeyProvider['generate']>[0]) => {
      const key = await provider.take({ ...wanted, material });
      await output.write(ciphertext);
      await output.sync();
      return key;
    };
    const notes = strengthNotes(record.algorithm, 'ml-kem-768');
    const made = await makeKey(bench, record, { act: 'key.encapsulate', origin: 'derived', active: true, puts, more: body, notes, outputs: [output], make });
    return { ...viewMade(bench, made, now), sha256: toHex(sha256(ciphertext)) };
  } finally {
    material.wipe(); // SECURITY: the provider made its own copy
  }
}

export const agreementHandlers = {
  'key.derive': derive,
  'key.encapsulate': encapsulate,
} satisfies Partial<Handlers>;
