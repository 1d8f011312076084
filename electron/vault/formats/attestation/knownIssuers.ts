/** The vendors' certificates that an attestation may end at, read from the rows that the host gives. */
import type { AttestationIssuer } from '../../../../shared/model/attestation.ts';
import { fromHex, toHex } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/hashes.ts';
import { readPem } from '../pem.ts';
import { readX509 } from '../signing/x509.ts';
import type { X509Facts } from '../signing/x509.ts';

/** A vendor's certificate, and what it stands for. */
export interface KnownIssuer extends Pick<AttestationIssuer, 'name' | 'attests' | 'through'> {
  readonly certificate: X509Facts;
}

/** A card's scheme root, CVC. */
export interface KnownCvcRoot {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface KnownIssuers {
  readonly roots: readonly KnownIssuer[];
  readonly intermediates: readonly X509Facts[];
  readonly cvcRoots: readonly KnownCvcRoot[];
}

function bytesOf({ pem = [], hex = [] }: AttestationIssuer): Uint8Array {
  const [block] = readPem(pem.join('\n'));
  return block?.der ?? fromHex(hex.join(''));
}

/** SECURITY: a certificate is what its fingerprint says, or nobody's: a row that was changed by half trusts nothing. */
function checkedBytes(row: AttestationIssuer): Uint8Array {
  const bytes = bytesOf(row);
  const found = toHex(sha256(bytes));
  if (found !== row.sha256) throw new Error(`the attestation root "${row.name}" expected the SHA-256 ${row.sha256}, got ${found}`);
  return bytes;
}

function readIssuers(rows: readonly AttestationIssuer[]): KnownIssuers {
  const x509 = rows.filter(({ format }) => format === 'x509').map((row) => ({ role: row.role, issuer: { name: row.name, attests: row.attests, ...(row.through === undefined ? {} : { through: row.through }), certificate: readX509(checkedBytes(row)) } }));
  return {
    roots: x509.filter(({ role }) => role === 'root').map(({ issuer }) => issuer),
    intermediates: x509.filter(({ role }) => role === 'intermediate').map(({ issuer }) => issuer.certificate),
    cvcRoots: rows.filter(({ format }) => format === 'cvc').map((row) => ({ name: row.name, bytes: checkedBytes(row) })),
  };
}

const read = new WeakMap<readonly AttestationIssuer[], KnownIssuers>();

/** Read once for each table. @throws Error where a row is not what its fingerprint says: the installation is damaged */
export function knownIssuers(rows: readonly AttestationIssuer[]): KnownIssuers {
  const known = read.get(rows) ?? readIssuers(rows);
  read.set(rows, known);
  return known;
}
