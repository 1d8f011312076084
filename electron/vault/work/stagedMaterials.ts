/** The software store's material as one piece of work sees it: what the vault holds, what is staged for the next commit, what it will shred. */
import { toHex } from '../crypto/bytes.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { SecretBytes as Secret } from '../crypto/secretBytes.ts';
import type { MaterialFacts, MaterialStore } from '../providers/software/materialStore.ts';
import type { VaultRecords, VersionRow } from '../records/vaultRecords.ts';
import type { Change, OpenVault } from '../unlock/openVault.ts';

interface Staged {
  readonly facts: MaterialFacts;
  readonly material: SecretBytes;
}

export class StagedMaterials implements MaterialStore {
  readonly #vault: OpenVault;
  readonly #records: VaultRecords;
  readonly #staged = new Map<string, Staged>();
  readonly #removed = new Map<string, Uint8Array>();

  constructor(vault: OpenVault, records: VaultRecords) {
    this.#vault = vault;
    this.#records = records;
  }

  stage(facts: MaterialFacts, material: SecretBytes): void {
    this.#staged.set(toHex(facts.id), { facts, material });
  }

  open(id: Uint8Array): SecretBytes | undefined {
    const name = toHex(id);
    if (this.#removed.has(name)) return undefined;
    const staged = this.#staged.get(name);
    return staged === undefined ? this.#vault.openMaterial(id) : Secret.own(new Uint8Array(staged.material.expose()));
  }

  facts(id: Uint8Array): MaterialFacts | undefined {
    const name = toHex(id);
    if (this.#removed.has(name)) return undefined;
    return this.#staged.get(name)?.facts ?? this.#stored(id);
  }

  #stored(id: Uint8Array): MaterialFacts | undefined {
    const record = this.#records.get('version', id);
    if (record === undefined || !this.#vault.hasMaterial(id)) return undefined;
    return this.#factsOf({ id, record });
  }

  #factsOf({ id, record }: VersionRow): MaterialFacts {
    const { purpose, algorithm } = this.#records.keyOf(record).record;
    const { label, exportable, publicKey, kcv, secretId, bits } = record;
    return {
      id,
      label,
      algorithm,
      purpose,
      exportable,
      ...(publicKey === undefined ? {} : { publicKey }),
      ...(kcv === undefined ? {} : { kcv }),
      ...(secretId === undefined ? {} : { secretId }),
      ...(bits === undefined ? {} : { bits }),
    };
  }

  *ids(): Generator<Uint8Array> {
    for (const { facts } of this.#staged.values()) yield facts.id;
    for (const { id } of this.#records.all('version')) if (this.#vault.hasMaterial(id) && !this.#removed.has(toHex(id))) yield id;
  }

  stageRemoval(id: Uint8Array): void {
    const name = toHex(id);
    this.#staged.get(name)?.material.wipe();
    this.#staged.delete(name);
    this.#removed.set(name, id);
  }

  /** What the next commit takes in and shreds. */
  changes(): Pick<Change, 'materials' | 'shreds'> {
    return {
      materials: [...this.#staged.values()].map(({ facts, material }) => ({ id: facts.id, material })),
      shreds: [...this.#removed.values()].filter((id) => this.#vault.hasMaterial(id)),
    };
  }

  /** Wipes what was staged, whether it was taken in or not. */
  wipe(): void {
    for (const { material } of this.#staged.values()) material.wipe(); // SECURITY: staged material has this one owner, who wipes it
    this.#staged.clear();
    this.#removed.clear();
  }
}
