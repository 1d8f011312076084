/** Whose signature it should be, as people keep it: a public key in any of its forms, a certificate with or without its chain, or an allowed_signers file. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { readPem } from '../pem.ts';
import { readPublicKeyFile } from '../readPublicKeyFile.ts';
import { readCertificates } from './certificateChain.ts';
import { detectFormat } from './detectFormat.ts';
import { requireModest, textOf } from './documentBytes.ts';
import type { X509Facts } from './x509.ts';

export type VerifyingKey =
  | { readonly form: string; readonly spki: Uint8Array; readonly certificate?: X509Facts }
  | { readonly form: 'allowed_signers file'; readonly allowedSigners: string };

const sshTypes = /^(ssh-|ecdsa-|sk-|rsa-)[\w@.-]+$/;

/** SECURITY: the certificate that none in the file was issued under is the signer's; where that is not one, nobody guesses which was meant. */
function signersCertificate(bytes: Uint8Array): VerifyingKey {
  const all = readCertificates(bytes);
  const [certificate, ...more] = all.filter((one) => !all.some((other) => other !== one && equalBytes(other.issuerName, one.subjectName)));
  if (certificate === undefined || more.length > 0) throw new StrongroomError('input-malformed', `the file holds ${all.length} certificates, and not one that is the signer's alone`, { field: 'by', nextStep: "give the signer's certificate alone" });
  return { form: 'certificate', spki: certificate.spki, certificate };
}

/** A list of signers has a name before each key. */
function isAllowedSigners(text: string): boolean {
  const first = text.split(/\r?\n/).map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#'));
  const [name, ...words] = first?.split(/\s+/) ?? [];
  return name !== undefined && !sshTypes.test(name) && words.some((word) => sshTypes.test(word));
}

function holdsCertificates(bytes: Uint8Array, text: string | undefined): boolean {
  if (text?.includes('-----BEGIN ') !== true) return detectFormat(bytes) === 'cms'; // certificates in DER of PKCS#7
  const labels = readPem(text).map(({ label }) => label);
  return labels.length > 0 && labels.every((label) => ['CERTIFICATE', 'X509 CERTIFICATE', 'PKCS7', 'CMS'].includes(label));
}

/** @throws `input-malformed` for what is not one key, one certificate with its chain, or an allowed_signers file */
export function readVerifyingKey(bytes: Uint8Array): VerifyingKey {
  requireModest(bytes, 'public key or certificate');
  const text = textOf(bytes);
  if (text?.includes('-----BEGIN ') === false && isAllowedSigners(text)) return { form: 'allowed_signers file', allowedSigners: text };
  if (holdsCertificates(bytes, text)) return signersCertificate(bytes);
  const { form, spki, certificate } = readPublicKeyFile(bytes);
  return certificate === undefined ? { form, spki } : signersCertificate(bytes);
}
