/** The software provider keeps the promises of the interface, over a store in memory that behaves as the port says. */
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import type { MaterialFacts, MaterialStore } from '../../electron/vault/providers/software/materialStore.ts';
import { makeSoftwareProvider } from '../../electron/vault/providers/software/softwareProvider.ts';
import { describeProvider } from './providerSuite.ts';

function memoryStore(): MaterialStore {
  const held = new Map<string, { readonly facts: MaterialFacts; readonly material: SecretBytes }>();
  const name = (id: Uint8Array) => Buffer.from(id).toString('hex');
  return {
    stage: (facts, material) => void held.set(name(facts.id), { facts, material }),
    open: (id) => {
      const material = held.get(name(id))?.material;
      return material === undefined ? undefined : SecretBytes.own(new Uint8Array(material.expose()));
    },
    facts: (id) => held.get(name(id))?.facts,
    ids: () => [...held.values()].map(({ facts }) => facts.id),
    stageRemoval: (id) => void held.delete(name(id)),
  };
}

describeProvider('software', () => Promise.resolve({ provider: makeSoftwareProvider(memoryStore()), close: () => Promise.resolve() }));
