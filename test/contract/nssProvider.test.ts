/** The PKCS#11 provider keeps the promises of the interface on NSS softokn, which wants parameters, stores attributes that it ignores, and overwrites a repeated CKA_ID. */
import { openNss } from '../fixtures/nssToken.ts';
import { describeModule } from './moduleSuite.ts';

describeModule('NSS softokn', () => openNss('nss-test'));
