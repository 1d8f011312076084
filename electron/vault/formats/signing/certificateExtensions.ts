/** The extensions of RFC 5280 §4.2.1 that say what a key is for: written into requests, read from requests and certificates. */
import { certificateParts } from '../../crypto/certificateParts.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { derTags, oidText } from '../../crypto/derValue.ts';
import { writeBitString, writeDer, writeOid } from '../../crypto/derWriter.ts';
import { damaged } from '../../crypto/malformed.ts';
import { readAlternativeNames } from './generalNames.ts';
import type { ReadAlternativeName } from './generalNames.ts';

/** In the order of their bits, §4.2.1.3. */
const keyUsageNames = ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'] as const;
export type KeyUsageName = (typeof keyUsageNames)[number];

const extendedOids = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
  documentSigning: '1.3.6.1.5.5.7.3.36',
  anyExtendedKeyUsage: '2.5.29.37.0',
} as const;
export type ExtendedKeyUsageName = keyof typeof extendedOids;

export const extensionOids = { subjectKeyIdentifier: '2.5.29.14', keyUsage: '2.5.29.15', subjectAlternativeName: '2.5.29.17', basicConstraints: '2.5.29.19', extendedKeyUsage: '2.5.29.37' } as const;

const true_ = writeDer(0x01, Uint8Array.of(0xff));

export function writeExtension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return writeDer(derTags.sequence, writeOid(oid), ...(critical ? [true_] : []), writeDer(derTags.octetString, value));
}

/** A named bit list without trailing zero bits, X.690 §11.2.2. */
export function writeKeyUsage(names: readonly KeyUsageName[]): Uint8Array {
  const bits = names.map((name) => keyUsageNames.indexOf(name));
  const last = Math.max(...bits);
  const bytes = new Uint8Array(Math.floor(last / 8) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  const padded = writeBitString(bytes);
  padded[padded.length - bytes.length - 1] = 7 - (last & 7);
  return padded;
}

export function writeExtendedKeyUsage(names: readonly ExtendedKeyUsageName[]): Uint8Array {
  return writeDer(derTags.sequence, ...names.map((name) => writeOid(extendedOids[name])));
}

/** @param pathLength how many authorities may stand below */
export function writeAuthorityConstraints(pathLength: number): Uint8Array {
  return writeDer(derTags.sequence, true_, writeDer(derTags.integer, Uint8Array.of(pathLength)));
}

export interface ExtensionFacts {
  /** By object identifier. */
  readonly all: readonly { readonly oid: string; readonly critical: boolean }[];
  /** Undefined: not restricted. */
  readonly keyUsages: readonly string[] | undefined;
  readonly keyUsagesCritical: boolean;
  readonly extendedKeyUsages: readonly string[] | undefined;
  readonly isAuthority: boolean;
  readonly pathLength: number | undefined;
  readonly alternativeNames: readonly ReadAlternativeName[];
  readonly subjectKeyIdentifier: Uint8Array | undefined;
}

interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

function readExtension(der: Uint8Array, document: string): Extension {
  const reader = DerFields.of(der, document);
  const oid = reader.oid('extension');
  const critical = reader.optional(0x01);
  const value = reader.take(derTags.octetString, `extension ${oid}`).content;
  reader.end();
  return { oid, critical: critical !== undefined && critical.content[0] !== 0, value };
}

/** The value of one extension of a certificate, as it stands. @throws `input-malformed` */
export function extensionValue(certificate: Uint8Array, oid: string): Uint8Array | undefined {
  return certificateParts(certificate)
    .extensions.map(({ whole }) => readExtension(whole, 'certificate'))
    .find((extension) => extension.oid === oid)?.value;
}

function readKeyUsage(der: Uint8Array, document: string): readonly string[] {
  const [unused, ...bytes] = DerFields.among(der, document).take(derTags.bitString, 'keyUsage').content;
  if (unused === undefined || unused > 7) throw damaged(document, '"keyUsage" is not a list of bits');
  return keyUsageNames.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

function readExtendedKeyUsage(der: Uint8Array, document: string): readonly string[] {
  return DerFields.of(der, document)
    .rest()
    .map(({ content }) => {
      const oid = oidText(content) ?? '?';
      return (Object.keys(extendedOids) as ExtendedKeyUsageName[]).find((name) => extendedOids[name] === oid) ?? oid;
    });
}

function readConstraints(der: Uint8Array, document: string): Pick<ExtensionFacts, 'isAuthority' | 'pathLength'> {
  const reader = DerFields.of(der, document);
  const authority = reader.optional(0x01);
  const length = reader.optional(derTags.integer);
  reader.end();
  return { isAuthority: authority !== undefined && authority.content[0] !== 0, pathLength: length?.content.reduce((sum, byte) => sum * 256 + byte, 0) };
}

/** @param values the extensions, each whole @throws `input-malformed`, also for an extension that stands twice (§4.2) */
export function readExtensions(values: readonly Uint8Array[], document: string): ExtensionFacts {
  const extensions = values.map((value) => readExtension(value, document));
  const seen = new Set<string>();
  for (const { oid } of extensions) {
    if (seen.has(oid)) throw damaged(document, `the extension ${oid} stands twice`);
    seen.add(oid);
  }
  const read = <T>(oid: string, reader: (der: Uint8Array, name: string) => T): T | undefined => {
    const found = extensions.find((extension) => extension.oid === oid);
    return found === undefined ? undefined : reader(found.value, document);
  };
  return {
    all: extensions.map(({ oid, critical }) => ({ oid, critical })),
    keyUsages: read(extensionOids.keyUsage, readKeyUsage),
    keyUsagesCritical: extensions.some(({ oid, critical }) => oid === extensionOids.keyUsage && critical),
    extendedKeyUsages: read(extensionOids.extendedKeyUsage, readExtendedKeyUsage),
    ...(read(extensionOids.basicConstraints, readConstraints) ?? { isAuthority: false, pathLength: undefined }),
    alternativeNames: read(extensionOids.subjectAlternativeName, readAlternativeNames) ?? [],
    subjectKeyIdentifier: read(extensionOids.subjectKeyIdentifier, (der, name) => DerFields.among(der, name).take(derTags.octetString, 'subjectKeyIdentifier').content),
  };
}
