/** What the software provider needs of the vault: material in, material out, and what is known of it without opening it. */
import type { Algorithm, Purpose } from '../../../../shared/model/terms.ts';
import type { SecretBytes } from '../../crypto/secretBytes.ts';
import type { ProviderKey } from '../provider.ts';

/** Facts of a key that listing shows; its material stays sealed. */
export interface MaterialFacts extends Pick<ProviderKey, 'publicKey' | 'kcv' | 'secretId' | 'bits' | 'notes'> {
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly label: string;
  readonly algorithm: Algorithm;
  readonly purpose: Purpose;
  readonly exportable: boolean;
}

export interface MaterialStore {
  /** Takes ownership of the material until the next commit takes it in. */
  stage(facts: MaterialFacts, material: SecretBytes): void;
  /** A fresh copy of staged or stored material; the caller wipes it. */
  open(id: Uint8Array): SecretBytes | undefined;
  facts(id: Uint8Array): MaterialFacts | undefined;
  ids(): Iterable<Uint8Array>;
  /** The next commit shreds it; from now on `open` and `facts` know it no longer. */
  stageRemoval(id: Uint8Array): void;
}
