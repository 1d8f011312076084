/** The PKCS#11 provider keeps the promises of the interface on NSS softokn, which wants parameters, stores attributes that it ignores, and overwrites a repeated CKA_ID. */
import { makeNssToken } from '../fixtures/nssToken.ts';
import { describeProvider } from './providerSuite.ts';

describeProvider('pkcs11 on NSS softokn', () => makeNssToken());
