/** Which form a signature file has, by what stands in it: never by its name. */
import type { SignatureFormat } from '../../../../shared/model/terms.ts';
import { fromHex } from '../../crypto/bytes.ts';
import { readPem } from '../pem.ts';
import { textOf } from './documentBytes.ts';

/** DER of the object identifier of SignedData, RFC 5652 §5.1. */
const signedDataOid = fromHex('06092a864886f70d010702');
/** SEQUENCE and its length of any form, in DER or BER. */
const longestHead = 8;

function isCms(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false;
  for (let start = 2; start <= longestHead; start += 1) if (signedDataOid.every((byte, index) => bytes[start + index] === byte)) return true;
  return false;
}

/** Text of a form, as its first characters say. */
function formOfText(text: string): SignatureFormat | undefined {
  const labels = /-----BEGIN /.test(text) ? readPem(text).map(({ label }) => label) : [];
  if (labels.includes('SSH SIGNATURE')) return 'sshsig';
  if (labels.some((label) => ['CMS', 'PKCS7'].includes(label))) return 'cms';
  return /^\s*eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\s*$/.test(text) ? 'jws' : undefined;
}

/** @returns `raw` for what is none of the others @throws `input-malformed` for a PEM block that is broken */
export function detectFormat(bytes: Uint8Array): SignatureFormat {
  if (isCms(bytes)) return 'cms';
  return formOfText(textOf(bytes) ?? '') ?? 'raw';
}
