/** What a host tells the core about the machine: it looks at nothing of that by itself. */
import type { AttestationIssuer } from '../../../shared/model/attestation.ts';
import type { KnownModule } from '../providers/pkcs11/moduleSurroundings.ts';

export interface HostFacts {
  /** The variables of the host's process; a module gets those that its row of known modules names. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The rows of `resources/pkcs11Modules.json`. */
  readonly knownModules: readonly KnownModule[];
  /** The rows of `resources/attestation/roots.json`. */
  readonly attestationIssuers: readonly AttestationIssuer[];
  /** The file, outside every vault, in which the core keeps how far the log of each had come. Absent: nothing is remembered, and each unlock says so. */
  readonly anchorsPath?: string;
}
