/** In which form, and by which scheme, files are signed: what the key can, and why not. */
import { algorithmFacts, mechanismsOf } from '../../shared/lifecycle/purposes.ts';
import type { FileUse, WindowRequest } from '../../shared/ipc/windowContract.ts';
import type { Algorithm, SignatureFormat, SignatureMechanism } from '../../shared/model/terms.ts';
import type { VersionView } from '../keys/KeyDetail.tsx';
import type { Option } from '../parts/Choices.tsx';

export interface SignOptions {
  readonly format: SignatureFormat;
  /** Undefined: the one that goes with key and form. */
  readonly mechanism: SignatureMechanism | undefined;
  readonly encoding: 'der' | 'p1363';
  readonly saltLength: number | undefined;
  readonly namespace: string;
  readonly acceptExpired: boolean;
}

export const usualOptions: SignOptions = { format: 'raw', mechanism: undefined, encoding: 'der', saltLength: undefined, namespace: '', acceptExpired: false };

/** The result stands beside the file, with the ending of its form. */
export const useOfFormat: Readonly<Record<SignatureFormat, FileUse>> = { raw: 'sign', cms: 'sign-cms', sshsig: 'sign', jws: 'sign-jws' };
export const endingOf: Readonly<Record<SignatureFormat, string>> = { raw: 'NAME.sig', cms: 'NAME.p7s', sshsig: 'NAME.sig', jws: 'NAME.jws' };

export const formatTitles: Readonly<Record<SignatureFormat, string>> = { raw: 'Signature alone', cms: 'CMS', sshsig: 'SSH signature', jws: 'JWS' };

export function formatOptions(algorithm: Algorithm, certificate: VersionView['certificate']): readonly Option<SignatureFormat>[] {
  const { family } = algorithmFacts[algorithm];
  return [
    { value: 'raw', title: formatTitles.raw, why: 'The bytes of the signature: openssl dgst, cosign, firmware tools.' },
    { value: 'cms', title: formatTitles.cms, why: 'With your certificate and the time: openssl cms, S/MIME, document tools.', no: certificate === undefined ? 'It carries a certificate, and this key has none: attach one on its page.' : undefined },
    { value: 'sshsig', title: formatTitles.sshsig, why: 'ssh-keygen -Y verify, Git commits and tags.', no: family === 'ml-dsa' ? 'OpenSSH has no keys of this kind.' : undefined },
    { value: 'jws', title: formatTitles.jws, why: 'Detached JWS (RFC 7515) for web services.' },
  ];
}

/** Whether a certificate is out of its time, which a person may accept. */
export function outOfTime(certificate: VersionView['certificate'], now: number): boolean {
  if (certificate?.notAfter === undefined || certificate.notBefore === undefined) return false;
  return now > Date.parse(certificate.notAfter) || now < Date.parse(certificate.notBefore);
}

type Sign = WindowRequest<'key.sign'>;

/** As fields of a request: only what belongs to the form. */
export function signRequest({ format, mechanism, encoding, saltLength, namespace, acceptExpired }: SignOptions, algorithm: Algorithm): Omit<Sign, 'key' | 'files' | 'signatures'> {
  const scheme = mechanism !== undefined && mechanismsOf(algorithm).includes(mechanism) && format !== 'sshsig' ? { mechanism } : {};
  const raw = format !== 'raw' ? {} : { encoding, ...(saltLength === undefined ? {} : { saltLength }) };
  return { format, ...scheme, ...raw, ...(format === 'sshsig' && namespace !== '' ? { namespace } : {}), ...(format === 'cms' && acceptExpired ? { acceptExpired } : {}) };
}
