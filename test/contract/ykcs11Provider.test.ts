/** The PKCS#11 provider keeps the promises of the interface on a virtual PIV card through YKCS11: keys of the card's own program, of which nothing but their use is asked. */
import { makePivToken } from '../fixtures/pivToken.ts';
import { describeModule } from './moduleSuite.ts';

describeModule('YKCS11, virtual PIV card', () => makePivToken('YKCS11'));
