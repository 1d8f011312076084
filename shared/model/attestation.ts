/** What a device says of a key that it holds, and under whose certificates that is believed. */

/** What is shown of a key, and nothing in between: where anything is missing, it is unproven. */
export const attestationVerdicts = ['generated-on-device', 'imported', 'unproven'] as const;
export type AttestationVerdict = (typeof attestationVerdicts)[number];

export const attestationVerdictTexts: Readonly<Record<AttestationVerdict, string>> = { 'generated-on-device': 'generated on device', imported: 'imported', unproven: 'unproven' };

/** Kinds of devices that attest, each with a form of its own. */
export const attestationKinds = ['yubico-piv', 'yubihsm', 'smartcard-hsm'] as const;
export type AttestationKind = (typeof attestationKinds)[number];

/** A row of `resources/attestation/roots.json`. */
export interface AttestationIssuer {
  readonly name: string;
  readonly format: 'x509' | 'cvc';
  /** A root is trusted by its bytes; an intermediate only under its root. */
  readonly role: 'root' | 'intermediate';
  readonly attests: AttestationKind;
  /** How the name of the authority begins that issues the devices' certificates, where the root is for other devices too. */
  readonly through?: string;
  /** Of its bytes, hex. */
  readonly sha256: string;
  readonly publishedAt: string;
  /** Of an X.509 certificate: the lines of its PEM. */
  readonly pem?: readonly string[];
  /** Of a CVC: its bytes, in lines. */
  readonly hex?: readonly string[];
}
