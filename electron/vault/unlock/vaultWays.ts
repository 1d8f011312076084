/** The ways into an open vault: listed, added, removed; the one by passphrase as an identity file, out and in. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { ed25519PublicKey } from '../crypto/ed25519.ts';
import { xWingPublicKey } from '../crypto/hpke.ts';
import { calibrateArgon2 } from '../crypto/passphraseKey.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { principalSchema } from '../records/principalRecord.ts';
import type { Column } from '../store/stateDigest.ts';
import { writeIdentity } from './identityFile.ts';
import type { Identity } from './identityFile.ts';
import type { CborMap, LogEntry, VaultAccess } from './openVault.ts';
import type { VaultParts, Write } from './vaultFile.ts';
import { makeWayIn, modeOf, openSeeds, raisableCost, tokenOf, wipeSeeds } from './wayIn.ts';
import type { IdentitySeeds, TokenPart, WayIn, WayMode, WaySecrets } from './wayIn.ts';

/** What the ways need of their vault. */
export interface VaultOfWays {
  parts(): VaultParts;
  /** Rows and an entry of the person's. */
  commit(body: CborMap, writes: readonly Write[]): LogEntry;
  /** The way that opened the vault. */
  open: WayIn;
  /** Lends what opens that way. */
  withSecrets<T>(current: SecretBytes | undefined, use: (secrets: WaySecrets) => Promise<T>): Promise<T>;
}

/** A way in, of its row. */
export function readWay([id, principal, parameters, commitment, daily, approval]: readonly Column[]): WayIn {
  return { id, principal, parameters, commitment, daily, approval } as WayIn;
}

/** A way in, as the columns of its row. */
export function accessColumns({ id, principal, parameters, commitment, daily, approval }: WayIn): readonly Column[] {
  return [id, principal, parameters, commitment, daily, approval];
}

/** The row of a way in. */
export function accessWrite(way: WayIn): Write {
  return { table: 'access', id: way.id, columns: accessColumns(way) };
}

export class VaultWays implements VaultAccess {
  readonly #vault: VaultOfWays;

  constructor(vault: VaultOfWays) {
    this.#vault = vault;
  }

  #all(): readonly WayIn[] {
    return [...this.#vault.parts().store.scan('access')].map(readWay);
  }

  ways(): ReturnType<VaultAccess['ways']> {
    return this.#all().map((way) => ({ id: way.id, mode: modeOf(way), open: equalBytes(way.id, this.#vault.open.id), token: tokenOf(way) }));
  }

  get takesPassphrase(): boolean {
    return modeOf(this.#vault.open) !== 'token';
  }

  #seeds(current: SecretBytes | undefined): Promise<IdentitySeeds> {
    return this.#vault.withSecrets(current, (secrets) => openSeeds(this.#vault.parts().vaultId, this.#vault.open, secrets));
  }

  /** SECURITY: keys that were opened before a new epoch began are not sealed into a way in of after it: it would lead nowhere. */
  #requireEpoch(epoch: number): void {
    if (this.#vault.parts().epoch !== epoch) throw new StrongroomError('refused', 'a new epoch began meanwhile; nothing was changed', { nextStep: 'try again', retryable: true });
  }

  async requirePassphrase(current: SecretBytes | undefined): Promise<void> {
    wipeSeeds(await this.#seeds(current));
  }

  async addWay(current: SecretBytes | undefined, mode: WayMode, secrets: WaySecrets, token?: TokenPart): Promise<LogEntry> {
    const { vaultId, principal, epoch } = this.#vault.parts();
    const seeds = await this.#seeds(current);
    try {
      const cost = mode === 'both' ? 'calibrated' : 'minimum';
      const way = await makeWayIn({ vaultId, principal: principal.id, mode, cost, ...(token === undefined ? {} : { token }) }, seeds, secrets);
      this.#requireEpoch(epoch);
      const entry = this.#vault.commit({ mode, added: true }, [accessWrite(way)]);
      if (equalBytes(this.#vault.open.id, way.id)) this.#vault.open = way; // the row that opened the vault is another now
      return entry;
    } finally {
      wipeSeeds(seeds);
    }
  }

  async removeWay(current: SecretBytes | undefined, id: Uint8Array): Promise<LogEntry> {
    await this.requirePassphrase(current);
    const way = this.#all().find((one) => equalBytes(one.id, id));
    if (way === undefined) throw new StrongroomError('not-found', '"way" expected the id of a way in, got another', { field: 'way', nextStep: 'see `vault ways`' });
    if (equalBytes(way.id, this.#vault.open.id)) throw new StrongroomError('refused', 'the way in that opened the vault cannot be removed', { nextStep: 'open the vault by another way, then remove this one' });
    return this.#vault.commit({ mode: modeOf(way), removed: true }, [{ table: 'access', id: way.id, columns: undefined }]);
  }

  async changePassphrase(current: SecretBytes | undefined, next: SecretBytes, cost: 'minimum' | 'calibrated'): Promise<LogEntry> {
    const { vaultId, principal, epoch } = this.#vault.parts();
    const seeds = await this.#seeds(current);
    try {
      const token = tokenOf(this.#vault.open);
      const both = modeOf(this.#vault.open) === 'both' && token !== undefined ? ({ mode: 'both', token } as const) : ({ mode: 'passphrase' } as const);
      const way = await this.#vault.withSecrets(next, (secrets) => makeWayIn({ vaultId, principal: principal.id, cost, ...both }, seeds, secrets));
      this.#requireEpoch(epoch);
      const entry = this.#vault.commit({ mode: both.mode }, [accessWrite(way)]);
      this.#vault.open = way;
      return entry;
    } finally {
      wipeSeeds(seeds);
    }
  }

  async raiseCost(passphrase: SecretBytes): Promise<boolean> {
    const present = raisableCost(this.#vault.open);
    const next = await calibrateArgon2();
    if (present === undefined || next.memoryKiB <= present.memoryKiB) return false; // SECURITY: never lower than it was, however busy the machine is
    const { vaultId, principal, epoch } = this.#vault.parts();
    const seeds = await this.#seeds(passphrase);
    try {
      const way = await makeWayIn({ vaultId, principal: principal.id, mode: 'passphrase', cost: next }, seeds, { passphrase });
      this.#requireEpoch(epoch);
      this.#vault.commit({ mode: 'passphrase', raised: true, memoryKiB: next.memoryKiB }, [accessWrite(way)]);
      this.#vault.open = way;
      return true;
    } finally {
      wipeSeeds(seeds);
    }
  }

  exportIdentity(): { readonly file: Uint8Array; readonly entry: LogEntry } {
    const { vaultId: vault, genesis, principal } = this.#vault.parts();
    const way = this.#all().find((one) => modeOf(one) === 'passphrase' && equalBytes(one.principal, principal.id));
    if (way === undefined) throw new StrongroomError('refused', 'there is no way in by passphrase to export', { nextStep: 'set a passphrase first' });
    const entry = this.#vault.commit({ mode: 'passphrase', exported: true }, []);
    return { file: writeIdentity({ vault, genesis, way }), entry };
  }

  async importIdentity(identity: Identity, passphrase: SecretBytes): Promise<LogEntry> {
    const { vaultId, genesis, principal, epoch } = this.#vault.parts();
    const { way } = identity;
    if (!equalBytes(identity.vault, vaultId) || !equalBytes(identity.genesis, genesis)) throw foreign('of another vault');
    if (!equalBytes(way.principal, principal.id)) throw foreign("another person's");
    const opened = await openSeeds(vaultId, way, { passphrase }); // all of it: a way whose approval part does not open leads nowhere
    try {
      await this.#requireKeys(opened);
    } finally {
      wipeSeeds(opened);
    }
    this.#requireEpoch(epoch);
    const entry = this.#vault.commit({ mode: 'passphrase', imported: true }, [accessWrite(way)]);
    if (equalBytes(this.#vault.open.id, way.id)) this.#vault.open = way;
    return entry;
  }

  /** SECURITY: the keys are those that the vault knows its person by, or a way in would lead nowhere. */
  async #requireKeys({ encryption, log, approval }: IdentitySeeds): Promise<void> {
    const { state, principal } = this.#vault.parts();
    const { encryptionKey, logKey, approvalKey } = principalSchema.parse(state.rows.get('principal')?.get(toHex(principal.id))?.value);
    if (!equalBytes(await xWingPublicKey(encryption), encryptionKey) || !equalBytes(ed25519PublicKey(log), logKey) || !equalBytes(ed25519PublicKey(approval), approvalKey)) throw foreign('of an earlier epoch: its keys are not those of the vault any more');
  }
}

function foreign(what: string): StrongroomError {
  return new StrongroomError('refused', `the identity is ${what}`, { nextStep: 'take the file that you exported from this vault, since its newest epoch' });
}
