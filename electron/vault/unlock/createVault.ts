/** A new vault: the first person's keys, the roots of epoch 1, and the genesis that founds the log. */
import { toHex } from '../crypto/bytes.ts';
import { encodeCanonical } from '../crypto/canonicalCbor.ts';
import { ed25519PublicKey, ed25519Signer, newEd25519Seed } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hashes.ts';
import { xWingPublicKey } from '../crypto/hpke.ts';
import { randomBytes } from '../crypto/random.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { commitPersonal, genesisFingerprint, leafOf, signEntry } from '../log/entry.ts';
import type { Genesis } from '../log/genesis.ts';
import { MerkleTree } from '../log/merkleTree.ts';
import { vaultIdOf } from '../log/vaultId.ts';
import type { Clock } from '../ports/clock.ts';
import { signApproval } from '../quorum/approval.ts';
import type { PrincipalRecord } from '../records/principalRecord.ts';
import { createDatabase, removeDatabase, requireFreeName } from '../store/database.ts';
import type { Connection } from '../store/database.ts';
import { RowStore, rowKeyOf } from '../store/rowStore.ts';
import { sealRow } from '../store/sealedRow.ts';
import { digestHash, StateDigest } from '../store/stateDigest.ts';
import type { Column } from '../store/stateDigest.ts';
import { sealDigest, sealEntry } from './entryBlob.ts';
import type { OpenVault } from './openVault.ts';
import { epochKeys, rootRowId, sealRoot, wipeKeys } from './roots.ts';
import type { EpochKeys } from './roots.ts';
import { VaultAnchor } from './vaultAnchor.ts';
import { VaultFile } from './vaultFile.ts';
import { accessColumns } from './vaultWays.ts';
import { emptyRows } from './vaultState.ts';
import { makeWayIn, wipeSeeds } from './wayIn.ts';
import type { IdentitySeeds, NewWay, WayIn } from './wayIn.ts';

export interface NewVault {
  readonly path: string;
  /** The first officer. */
  readonly personName: string;
  /** Borrowed. */
  readonly passphrase: SecretBytes;
  readonly cost: NewWay['cost'];
  readonly clock: Clock;
  /** Where this computer remembers how far the log of each vault had come. */
  readonly anchorsPath?: string | undefined;
}

/** Everything that is made before the first byte is written. */
interface Founding {
  readonly seed: Uint8Array;
  readonly vault: Uint8Array;
  readonly principal: Uint8Array;
  readonly person: PrincipalRecord;
  readonly seeds: IdentitySeeds;
  readonly way: WayIn;
  readonly roots: readonly { readonly kind: 'metadata' | 'material'; readonly sealed: Uint8Array }[];
  readonly keys: EpochKeys;
}

const firstEpoch = 1;

function newSeeds(): IdentitySeeds {
  return { encryption: randomBytes(32), log: newEd25519Seed(), approval: newEd25519Seed() };
}

async function found({ personName, passphrase, cost }: NewVault, seeds: IdentitySeeds): Promise<Founding> {
  const seed = randomBytes(32);
  const vault = vaultIdOf(seed);
  const principal = randomBytes(16);
  const encryptionKey = await xWingPublicKey(seeds.encryption);
  const person: PrincipalRecord = { name: personName, role: 'officer', encryptionKey, logKey: ed25519PublicKey(seeds.log), approvalKey: ed25519PublicKey(seeds.approval) };
  const way = await makeWayIn({ vaultId: vault, principal, mode: 'passphrase', cost }, seeds, { passphrase });
  const [metadata, material] = [randomBytes(32), randomBytes(32)];
  const seal = (kind: 'metadata' | 'material', root: Uint8Array) => sealRoot({ vault, epoch: firstEpoch, principal, kind }, encryptionKey, root);
  const roots = [
    { kind: 'metadata', sealed: await seal('metadata', metadata) },
    { kind: 'material', sealed: await seal('material', material) },
  ] as const;
  return { seed, vault, principal, person, seeds, way, roots, keys: epochKeys(vault, firstEpoch, metadata, material) };
}

function genesisOf({ seed, principal, person }: Founding): Genesis {
  const { role, encryptionKey, logKey, approvalKey } = person;
  return { seed, suite: 1, principal, role, encryptionKey, logKey, approvalKey, quorum: { mode: 'solo', needed: 1 } };
}

type NewRow = readonly [table: string, columns: readonly Column[]];

/** The rows of a new vault but the header, which names the genesis. */
function firstRows({ vault, principal, person, way, roots, keys }: Founding): readonly NewRow[] {
  const name = { vault, table: 'principal', id: principal, revision: 1 };
  return [
    ['access', accessColumns(way)],
    ...roots.map(({ kind, sealed }): NewRow => ['root', [rootRowId({ vault, epoch: firstEpoch, principal, kind }), principal, firstEpoch, kind, sealed]]),
    ['principal', [principal, 1, sealRow(keys.row, firstEpoch, name, person)]],
  ];
}

/** The header names the genesis, so it cannot be part of the digest that the genesis signs: it is checked against the genesis itself. */
function writeGenesis(founding: Founding, store: RowStore, now: number) {
  const { vault, keys, principal, person, seeds, seed } = founding;
  const rows = firstRows(founding);
  const hash = digestHash(keys.digest);
  const digest = new StateDigest();
  const elements = new Map<string, Uint8Array>();
  const take = ([table, columns]: NewRow) => {
    const element = hash.element(table, columns);
    elements.set(rowKeyOf(table, columns[0] as Uint8Array | number), element);
    digest.add(element);
  };
  rows.forEach(take);
  const body = genesisOf(founding);
  const { personal, openings } = commitPersonal({ person: person.name });
  const approvals = [signApproval(seeds.approval, vault, principal, sha256(encodeCanonical(body)))];
  const head = { v: 1, seq: 0, kind: 'genesis', time: now, epoch: firstEpoch, signer: principal } as const;
  const sign = ed25519Signer(seeds.log);
  const signed = signEntry(vault, { ...head, body, stateDigest: hash.binding(digest), rootBefore: new MerkleTree().root(), approvals, personal }, openings, sign);
  const genesis = genesisFingerprint(signed);
  const tree = new MerkleTree();
  tree.append(leafOf(signed));
  const sealing = { vault, epoch: firstEpoch, rowKey: keys.row };
  const kept = { ...signed, touched: new Map(elements) };
  const header: NewRow = ['header', [1, 1, seed, vault, firstEpoch, genesis]];
  store.transaction(() => {
    for (const [table, columns] of [header, ...rows]) store.put(table, columns);
    store.appendEntry({ seq: 0, leaf: leafOf(signed), sealed: sealEntry(sealing, 0, kept) });
    store.putDigest(sealDigest(sealing, { sum: digest.bytes(), size: 1, root: tree.root(), verified: 1 }));
  });
  return { genesis, tree, digest, elements, sign };
}

function open(founding: Founding, store: RowStore, { path, clock, personName, anchorsPath }: NewVault): VaultFile {
  const { vault, principal, person, way, keys } = founding;
  const now = clock.now();
  const { genesis, tree, digest, elements, sign } = writeGenesis(founding, store, now);
  const rows = emptyRows();
  rows.get('principal')?.set(toHex(principal), { id: principal, revision: 1, value: { ...person } });
  const state = { rows, elements, digest, tree, newestTime: now, verified: 1 };
  const anchor = VaultAnchor.of({ anchorsPath, vaultPath: path, clock }, { vault, genesis });
  const made = new VaultFile({ path, store, readOnly: false, clock, vaultId: vault, epoch: firstEpoch, genesis, keys, principal: { id: principal, name: personName, role: 'officer' }, sign, way, anchor, state });
  made.beginAnchor(undefined);
  return made;
}

function writeNew(founding: Founding, wanted: NewVault): VaultFile {
  let connection: Connection | undefined;
  try {
    connection = createDatabase(wanted.path);
    return open(founding, new RowStore(connection), wanted);
  } catch (error) {
    wipeKeys(founding.keys);
    connection?.close();
    if (connection !== undefined) removeDatabase(wanted.path); // nothing is left of a vault that was not founded
    throw error;
  }
}

/** Creates a vault and leaves it open. The file is begun when all that goes into it is made. @throws `file-exists`, `file-unwritable`, `disk-full`, `request-invalid` */
export async function createVault(wanted: NewVault): Promise<OpenVault> {
  requireFreeName(wanted.path);
  const seeds = newSeeds();
  try {
    return writeNew(await found(wanted, seeds), wanted);
  } finally {
    wipeSeeds(seeds);
  }
}
