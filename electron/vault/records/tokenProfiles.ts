/** What was found out about tokens, kept per model, firmware and module: it is not tried again at each unlock. */
import { z } from 'zod';
import { algorithms, derivations, keyGuards, signatureMechanisms, wrapFormats } from '../../../shared/model/terms.ts';
import { wrapMechanisms } from '../../../shared/model/wrapFormats.ts';

const algorithmList = z.array(z.enum(algorithms));
const formatList = z.array(z.enum(wrapFormats));

export const tokenProfileRecord = z.strictObject({
  capabilities: z.strictObject({
    algorithms: algorithmList,
    signatureMechanisms: z.array(z.enum(signatureMechanisms)),
    wrapFormats: formatList,
    unwrapFormats: formatList,
    aesGcm: z.boolean(),
    aesCbc: z.boolean(),
    macs: algorithmList,
    derivations: z.array(z.enum(derivations)),
    imports: algorithmList,
    wrapsPairs: algorithmList,
    unwrapsPairs: algorithmList,
  }),
  wrapFormats: formatList,
  unwrapFormats: formatList,
  aesMechanisms: z.partialRecord(z.enum(wrapFormats), z.enum(wrapMechanisms)),
  pairs: z.strictObject({ zerosBehind: z.boolean(), leave: algorithmList, come: algorithmList }),
  guards: z.array(z.strictObject({ guard: z.enum(keyGuards), stored: z.boolean().optional(), enforced: z.boolean().optional() })),
});

export const keptProfileRecord = z.strictObject({
  manufacturer: z.string(),
  model: z.string(),
  firmware: z.string(),
  /** Of the module that it was tried through: another one may do other things. */
  moduleSha256: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  at: z.number().int(),
  profile: tokenProfileRecord,
});
export type KeptProfile = z.infer<typeof keptProfileRecord>;
