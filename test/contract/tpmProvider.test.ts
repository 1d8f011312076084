/** The PKCS#11 provider keeps the promises of the interface on a TPM, whose private keys never leave and which has no secret keys. */
import { makeTpmToken } from '../fixtures/tpmToken.ts';
import { describeModule } from './moduleSuite.ts';

describeModule('tpm2-pkcs11 on swtpm', makeTpmToken);
