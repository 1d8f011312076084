/** The bags of PKCS#12 (RFC 7292 §4.2): keys, keys under a password, certificates and secrets, with the names that they have. */
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { certificateParts } from '../../crypto/certificateParts.ts';
import type { CertificateParts } from '../../crypto/certificateParts.ts';
import { childrenOf, DerFields, insideOf, octetsOf, onlyValue } from '../../crypto/derReader.ts';
import { context, derTags } from '../../crypto/derValue.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { malformed } from '../../crypto/malformed.ts';
import { keyFileLimits } from './derivationCost.ts';

export interface Bag {
  readonly kind: 'key' | 'encrypted key' | 'certificate' | 'secret' | 'other';
  /** What the kind has inside: PrivateKeyInfo, EncryptedPrivateKeyInfo, the DER certificate, the SecretBag. */
  readonly value: DerValue;
  readonly friendlyName: string | undefined;
  readonly localKeyId: Uint8Array | undefined;
}

const bagKinds: Readonly<Record<string, Bag['kind'] | 'nested'>> = {
  '1.2.840.113549.1.12.10.1.1': 'key',
  '1.2.840.113549.1.12.10.1.2': 'encrypted key',
  '1.2.840.113549.1.12.10.1.3': 'certificate',
  '1.2.840.113549.1.12.10.1.4': 'other',
  '1.2.840.113549.1.12.10.1.5': 'secret',
  '1.2.840.113549.1.12.10.1.6': 'nested',
};
const friendlyNameOid = '1.2.840.113549.1.9.20';
const localKeyIdOid = '1.2.840.113549.1.9.21';
const x509CertificateOid = '1.2.840.113549.1.9.22.1';

function wideText(bytes: Uint8Array): string {
  return shortLine(new TextDecoder('utf-16be').decode(bytes), 100);
}

/** PKCS12Attribute, RFC 7292 §4.2: `{ oid, SET }`; unknown ones say nothing that the vault goes by. */
function attributesOf(set: DerValue | undefined): Pick<Bag, 'friendlyName' | 'localKeyId'> {
  const found: { friendlyName: string | undefined; localKeyId: Uint8Array | undefined } = { friendlyName: undefined, localKeyId: undefined };
  for (const attribute of set === undefined ? [] : childrenOf(set)) {
    const fields = new DerFields(attribute, 'attribute of the PKCS#12 entry');
    const oid = fields.oid('attribute');
    const [value] = childrenOf(fields.take(derTags.set, 'values'));
    if (oid === friendlyNameOid && value?.tag === derTags.bmpString) found.friendlyName = wideText(value.content);
    if (oid === localKeyIdOid && value?.tag === derTags.octetString) found.localKeyId = value.content;
  }
  return found;
}

/** The DER certificate of a CertBag; undefined for an SDSI one. */
function certificateOf(value: DerValue): DerValue | undefined {
  const fields = new DerFields(value, 'certificate of the PKCS#12');
  if (fields.oid('certId') !== x509CertificateOid) return undefined;
  return onlyValue(octetsOf(insideOf(fields.take(context.constructed(0), 'certValue')), 'certValue'));
}

/** SafeContents, also nested. @throws `input-malformed` */
export function bagsOf(contents: Uint8Array, depth = 0): readonly Bag[] {
  if (depth > 4) throw malformed('the PKCS#12 has bags in bags, deeper than 4');
  const outer = onlyValue(contents, 'ber');
  const bags = childrenOf(outer).flatMap((node): readonly Bag[] => {
    const fields = new DerFields(node, 'entry of the PKCS#12');
    const kind = bagKinds[fields.oid('bagId')] ?? 'other';
    const value = insideOf(fields.take(context.constructed(0), 'bagValue'));
    const attributes = attributesOf(fields.optional(derTags.set));
    fields.end();
    if (kind === 'nested') return bagsOf(value.whole, depth + 1);
    const certificate = kind === 'certificate' ? certificateOf(value) : undefined;
    return [{ kind: kind === 'certificate' && certificate === undefined ? 'other' : kind, value: certificate ?? value, ...attributes }];
  });
  if (bags.length > keyFileLimits.entries) throw malformed(`the PKCS#12 has ${bags.length} entries: at most ${keyFileLimits.entries} are read`);
  return bags;
}

/** What pairs a certificate with a key and with its issuer, of bytes of its own. @returns undefined for what is no certificate */
export function certificateOfBag({ whole }: DerValue): CertificateParts | undefined {
  try {
    return certificateParts(new Uint8Array(whole));
  } catch {
    return undefined; // the caller says that a certificate is damaged
  }
}
