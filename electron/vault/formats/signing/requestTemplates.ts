/** What a certificate is asked for, by name: the extensions that a request of this kind carries. */
import type { CertificateTemplate } from '../../../../shared/model/terms.ts';
import type { ExtendedKeyUsageName, KeyUsageName } from './certificateExtensions.ts';

export interface RequestTemplate {
  /** Critical, as RFC 5280 §4.2.1.3 wants it. */
  readonly keyUsages: readonly KeyUsageName[];
  readonly extendedKeyUsages: readonly ExtendedKeyUsageName[];
  /** Set for an authority: how many may stand below it. */
  readonly pathLength?: number;
}

export const requestTemplates = {
  /** No extension but the names. */
  none: { keyUsages: [], extendedKeyUsages: [] },
  server: { keyUsages: ['digitalSignature'], extendedKeyUsages: ['serverAuth'] },
  client: { keyUsages: ['digitalSignature'], extendedKeyUsages: ['clientAuth'] },
  'code-signing': { keyUsages: ['digitalSignature'], extendedKeyUsages: ['codeSigning'] },
  email: { keyUsages: ['digitalSignature'], extendedKeyUsages: ['emailProtection'] },
  /** RFC 9336. */
  'document-signing': { keyUsages: ['digitalSignature', 'nonRepudiation'], extendedKeyUsages: ['documentSigning'] },
  'sub-ca': { keyUsages: ['keyCertSign', 'cRLSign'], extendedKeyUsages: [], pathLength: 0 },
  /** RFC 5280 §4.2.1.3: a key that opens keys, or agrees on them, is for nothing else. */
  'key-transport': { keyUsages: ['keyEncipherment'], extendedKeyUsages: [] },
  'key-agreement': { keyUsages: ['keyAgreement'], extendedKeyUsages: [] },
} as const satisfies Record<CertificateTemplate, RequestTemplate>;

export type RequestTemplateName = keyof typeof requestTemplates;
