/** The PKCS#11 provider keeps the promises of the interface through p11-kit's client, which hands on few mechanisms with parameters. */
import { makeP11KitToken } from '../fixtures/p11KitToken.ts';
import { describeModule } from './moduleSuite.ts';

describeModule('p11-kit client', makeP11KitToken);
