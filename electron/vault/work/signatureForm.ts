/** The forms in which a signature leaves: how each file is read for one, and the document that is made around the signature. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { SignatureFormat, SignatureMechanism } from '../../../shared/model/terms.ts';
import { utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { isCurve } from '../crypto/spki.ts';
import type { CurveKind, PublicKeyKind } from '../crypto/spki.ts';
import { mechanismHash } from '../crypto/mechanismHash.ts';
import type { DocumentSigner } from '../formats/signing/documentSigner.ts';
import { ecdsaToDer } from '../formats/signing/ecdsaSignature.ts';
import { jwsSigningInput, makeJws, planJws } from '../formats/signing/jws.ts';
import type { JwsOptions } from '../formats/signing/jws.ts';
import { cmsDigestAlgorithm, makeCms } from '../formats/signing/makeCms.ts';
import { makeSshSignature } from '../formats/signing/sshSignature.ts';
import type { SshHash } from '../formats/signing/sshSignature.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { CborMap } from '../unlock/openVault.ts';
import type { Reading, SignedInput } from './signedInput.ts';
import type { AskSignature } from './signTogether.ts';

export interface SignatureForm {
  readonly format: SignatureFormat;
  readonly mechanism: SignatureMechanism;
  /** Bytes of the PSS salt, where it is another than the hash's length. */
  readonly saltLength?: number | undefined;
  readonly reading: Reading;
  /** What the log says of it besides. */
  readonly body: CborMap;
  /** Makes the document of one file, and asks for one signature. */
  make(file: SignedInput, ask: AskSignature): Promise<Uint8Array>;
}

/** The key that signs. */
export interface Signing {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly mechanism: SignatureMechanism;
}

/** @throws `token-cannot` where the place did not show the public half, which a document must name */
export function signerOf({ version, mechanism }: Pick<Signing, 'version' | 'mechanism'>, sign: AskSignature): DocumentSigner {
  const { publicKey: spki } = version.record;
  if (spki === undefined) throw new StrongroomError('token-cannot', 'the token does not show the public half of the key, which such a document must name', { field: 'key' });
  return { spki, mechanism, sign };
}

/** The curve of an EC algorithm: it has the same name. */
export function curveOf(algorithm: KeyRow['record']['algorithm']): CurveKind | undefined {
  return isCurve(algorithm as PublicKeyKind) ? (algorithm as CurveKind) : undefined;
}

/** Where ECDSA is computed, for a key that signs so. */
function ecdsaAt({ record }: KeyRow): Reading['ecdsa'] {
  if (curveOf(record.algorithm) === undefined) return undefined;
  return record.place.kind === 'software' ? 'here' : 'token';
}

export interface RawOptions {
  readonly encoding: 'der' | 'p1363';
  readonly saltLength: number | undefined;
}

/** The signature alone; ECDSA as DER, or as it is. */
export function rawForm({ key, mechanism }: Signing, { encoding, saltLength }: RawOptions): SignatureForm {
  const curve = encoding === 'p1363' ? undefined : curveOf(key.record.algorithm);
  return {
    format: 'raw',
    mechanism,
    saltLength,
    reading: { hash: mechanismHash(mechanism), ecdsa: ecdsaAt(key) },
    body: { ...(saltLength === undefined ? {} : { saltLength }) },
    make: async ({ input, message }, ask) => (curve === undefined ? await ask(input, message) : ecdsaToDer(await ask(input, message), curve)),
  };
}

export interface CmsOptions {
  /** Of the version: its own first. */
  readonly certificates: readonly Uint8Array[];
  readonly time: number;
  readonly acceptedExpired: boolean;
}

export function cmsForm(signing: Signing, { certificates, time, acceptedExpired }: CmsOptions): SignatureForm {
  const digestAlgorithm = cmsDigestAlgorithm(signing.mechanism);
  const [own = new Uint8Array(0)] = certificates;
  return {
    format: 'cms',
    mechanism: signing.mechanism,
    reading: { hash: digestAlgorithm },
    body: { certificate: sha256(own), ...(acceptedExpired ? { acceptedExpired } : {}) },
    make: ({ input }, ask) => makeCms({ digest: input, digestAlgorithm, certificates, time }, signerOf(signing, ask)),
  };
}

export interface SshOptions {
  readonly namespace: string;
  readonly hash: SshHash;
}

export function sshForm(signing: Signing, { namespace, hash }: SshOptions): SignatureForm {
  return {
    format: 'sshsig',
    mechanism: signing.mechanism,
    reading: { hash },
    body: { namespace, hash },
    make: async ({ input }, ask) => utf8(await makeSshSignature({ digest: input, hash, namespace }, signerOf(signing, ask))),
  };
}

/** @throws `request-invalid` for a key and mechanism that JWS has no algorithm for */
export function jwsForm(signing: Signing, options: JwsOptions): SignatureForm {
  const plan = planJws(signerOf(signing, () => Promise.reject(new Error('nothing is signed while it is planned'))), options);
  return {
    format: 'jws',
    mechanism: signing.mechanism,
    reading: { hash: plan.hash, ecdsa: ecdsaAt(signing.key), around: (file) => jwsSigningInput(plan, file) },
    body: { unencoded: !options.base64url },
    make: async ({ input, message }, ask) => utf8(await makeJws(plan, input, signerOf(signing, (asked) => ask(asked, message)))),
  };
}
