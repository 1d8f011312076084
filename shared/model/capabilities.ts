/** What a place of keys can do: told by its provider, asked by the rules before anything is begun. */
import type { Algorithm, Derivation, SignatureMechanism, WrapFormat } from './terms.ts';

/** What a provider can do here and now; a form or command says why something is missing before it fails. */
export interface Capabilities {
  readonly algorithms: readonly Algorithm[];
  readonly signatureMechanisms: readonly SignatureMechanism[];
  readonly wrapFormats: readonly WrapFormat[];
  readonly unwrapFormats: readonly WrapFormat[];
  readonly aesGcm: boolean;
  /** AES-CBC, for decrypting what others made long ago. */
  readonly aesCbc: boolean;
  /** Algorithms that make a MAC here: HMAC, and AES as CMAC. */
  readonly macs: readonly Algorithm[];
  readonly derivations: readonly Derivation[];
  /** Algorithms whose clear keys can be brought here. */
  readonly imports: readonly Algorithm[];
  /** Pairs whose private half leaves wrapped as PKCS#8, and those whose private half comes so. */
  readonly wrapsPairs: readonly Algorithm[];
  readonly unwrapsPairs: readonly Algorithm[];
}
