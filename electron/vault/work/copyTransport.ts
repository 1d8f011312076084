/** The pair that keys travel to, made for one act: on the destination, which opens what comes; or on this computer, which then gives the clear key to the destination. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { WrapFormat } from '../../../shared/model/terms.ts';
import { toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { randomBytes } from '../crypto/random.ts';
import type { GenerateRequest, KeyProvider, ProviderKey } from '../providers/provider.ts';
import { makeSoftwareProvider } from '../providers/software/softwareProvider.ts';
import type { TransportAlgorithm } from '../rules/allowCopy.ts';
import type { Workbench } from '../services/workbench.ts';
import { StagedMaterials } from './stagedMaterials.ts';

export interface Transport {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly fingerprint: Uint8Array;
  /** What was wrapped to it becomes a key of the destination. */
  bring(wanted: GenerateRequest, wrapped: Uint8Array, format: WrapFormat): Promise<ProviderKey>;
  /** Destroys the pair, once all of them are there. */
  end(): Promise<void>;
  /** What this computer holds of it; called in any case. */
  wipe(): void;
}

function pairRequest(id: Uint8Array, algorithm: TransportAlgorithm): GenerateRequest {
  return { id, label: `strongroom transport ${toHex(id.slice(0, 6))}`, algorithm, purpose: 'key-transport', exportable: false };
}

function halfOf({ publicKey }: ProviderKey): Pick<Transport, 'publicKey' | 'fingerprint'> {
  if (publicKey === undefined) throw new StrongroomError('token-refused', 'the transport pair shows no public half');
  return { publicKey, fingerprint: sha256(publicKey) };
}

/** @param id its CKA_ID @throws what the token throws */
export async function transportOnToken(destination: KeyProvider, id: Uint8Array, algorithm: TransportAlgorithm): Promise<Transport> {
  const pair = await destination.generate(pairRequest(id, algorithm));
  return {
    ...halfOf(pair),
    bring: (wanted, wrapped, format) => destination.unwrap({ ...wanted, wrapped, unwrapper: pair.ref, format }),
    end: async () => {
      if (!(await destination.destroy(pair.ref)).absentAfter) throw new StrongroomError('token-refused', 'the transport pair is still there after it was destroyed', { nextStep: 'destroy it with the tools of its token' });
    },
    wipe: () => undefined,
  };
}

/** SECURITY: the clear key is in this computer's memory for as long as the token takes it: only where that was asked for by name, and wiped after. */
export async function transportOnComputer(bench: Workbench, destination: KeyProvider, algorithm: TransportAlgorithm): Promise<Transport> {
  const staged = new StagedMaterials(bench.vault, bench.records); // never committed
  const here = makeSoftwareProvider(staged);
  const pair = await here.generate(pairRequest(randomBytes(16), algorithm));
  return {
    ...halfOf(pair),
    bring: async (wanted, wrapped, format) => {
      const passing = pairRequest(randomBytes(16), algorithm);
      const opened = await here.unwrap({ ...wanted, id: passing.id, label: passing.label, wrapped, unwrapper: pair.ref, format });
      const material = staged.open(passing.id);
      await here.destroy(opened.ref);
      if (material === undefined) throw new StrongroomError('token-key-missing', 'what was opened is not there any more');
      return await material.consume(() => destination.take({ ...wanted, material }));
    },
    end: () => Promise.resolve(),
    wipe: () => staged.wipe(), // SECURITY: the pair that opens what travelled goes with the act
  };
}
