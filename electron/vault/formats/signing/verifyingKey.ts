/** Whose signature it should be, as people keep it: a public key (SPKI or PKCS#1, PEM or DER; an OpenSSH line), a certificate with or without its chain, or an allowed_signers file. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { isPrivateKey } from '../../crypto/publicKeyReader.ts';
import { readSpki, writeSpki } from '../../crypto/spki.ts';
import { readSshBase64, readSshBlob } from '../sshPublicKey.ts';
import { readCertificates } from './certificateChain.ts';
import { documentBlocks, textOf } from './documentBytes.ts';
import type { X509Facts } from './x509.ts';

export type VerifyingKey =
  | { readonly form: string; readonly spki: Uint8Array; readonly certificate?: X509Facts }
  | { readonly form: 'allowed_signers file'; readonly allowedSigners: string };

const what = 'public key or certificate';
const sshTypes = /^(ssh-|ecdsa-|sk-|rsa-)[\w@.-]+$/;

function malformed(message: string, nextStep = "give the signer's public key, for instance from `openssl pkey -pubout`, or his certificate"): StrongroomError {
  return new StrongroomError('input-malformed', message, { field: 'by', nextStep });
}

/** SECURITY: the certificate that none in the file was issued under is the signer's; where that is not one, nobody guesses which was meant. */
function signersCertificate(bytes: Uint8Array): VerifyingKey {
  const all = readCertificates(bytes);
  const [certificate, ...more] = all.filter((one) => !all.some((other) => other !== one && equalBytes(other.issuerName, one.subjectName)));
  if (certificate === undefined || more.length > 0) throw malformed(`the file holds ${all.length} certificates, and not one that is the signer's alone`, "give the signer's certificate alone");
  return { form: 'certificate', spki: certificate.spki, certificate };
}

function publicKey(form: string, spki: Uint8Array): VerifyingKey {
  if (readSpki(spki) === undefined) throw malformed('the file holds a public key of a kind that is not known here, or a damaged one');
  return { form, spki };
}

function fromText(lines: readonly string[], text: string): VerifyingKey | undefined {
  const [first, ...more] = lines;
  const words = first?.split(/\s+/) ?? [];
  if (words.slice(1).some((word) => sshTypes.test(word))) return { form: 'allowed_signers file', allowedSigners: text };
  const [type, encoded] = words;
  if (type === undefined || encoded === undefined || !sshTypes.test(type)) return undefined;
  if (more.length > 0) throw malformed(`the file holds ${lines.length} OpenSSH keys: expected one, or an allowed_signers file with a name before each`);
  return { form: 'OpenSSH public key', spki: readSshBlob(readSshBase64(encoded)) };
}

/** @throws `input-malformed` for what is not one key, one certificate with its chain, or an allowed_signers file */
export function readVerifyingKey(bytes: Uint8Array): VerifyingKey {
  const text = textOf(bytes)?.replace(/^\ufeff/, '');
  const lines = (text ?? '').split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const ssh = text?.includes('-----BEGIN ') === true ? undefined : fromText(lines, text ?? '');
  if (ssh !== undefined) return ssh;
  const [block, ...more] = documentBlocks(bytes, ['PUBLIC KEY', 'RSA PUBLIC KEY', 'CERTIFICATE', 'X509 CERTIFICATE', 'PKCS7', 'CMS'], what);
  if (block === undefined) throw malformed('the file is empty');
  if (isPrivateKey(block.der)) throw malformed('the file holds a private key: expected a public key or certificate', 'a private key that was sent must be considered disclosed: its owner must make a new pair');
  const keys = [block, ...more].filter(({ label }) => label.endsWith('PUBLIC KEY'));
  if (keys.length === 0 && (block.label !== '' || readSpki(bytes) === undefined)) return signersCertificate(bytes);
  if (more.length > 0) throw malformed(`the file holds ${more.length + 1} keys or certificates: expected one key`);
  return block.label === 'RSA PUBLIC KEY' ? publicKey('public key (PKCS#1)', writeSpki('rsa', block.der)) : publicKey('public key (SPKI)', block.der);
}
