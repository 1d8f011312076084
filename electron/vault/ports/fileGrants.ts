/**
 * Files are never named in a call: the host gives out grants (opaque ids, one use) and the core redeems them here.
 * Results are written beside a temporary name, synced and renamed; an existing file is not overwritten unasked.
 */
export interface ReadGrant {
  readonly kind: 'read';
  readonly path: string;
}

export interface WriteGrant {
  readonly kind: 'write';
  readonly path: string;
  readonly overwrite: boolean;
}

export interface FileGrants {
  /** @throws `request-invalid` for an id that was not given out, was used, or is of the other kind. */
  redeemRead(id: string): ReadGrant;
  redeemWrite(id: string): WriteGrant;
}
