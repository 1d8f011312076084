/** What a token can do and what it enforces, tried again: `token.probe`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import type { Handlers } from '../door/handlers.ts';
import { viewGuards } from './guardViews.ts';
import { isoTime } from './keyViews.ts';
import { keptProfile } from './profileShelf.ts';
import { placeOfToken, tokenNamed } from './tokens.ts';
import type { Workbench } from './workbench.ts';

async function probe(bench: Workbench, request: Request<'token.probe'>): Promise<Reply<'token.probe'>> {
  const token = await tokenNamed(bench, request.token);
  const provider = await bench.reader(placeOfToken(token));
  if (provider.trials === undefined) throw new StrongroomError('token-cannot', 'only a token is tried', { field: 'token' });
  await provider.trials.again();
  const { algorithms, signatureMechanisms, wrapFormats, unwrapFormats, aesGcm, imports } = await provider.capabilities();
  const kept = keptProfile(bench.records, token);
  return {
    model: token.model,
    firmware: token.firmwareVersion,
    ...(kept === undefined ? {} : { keptAt: isoTime(kept.at) }),
    algorithms: [...algorithms],
    signatureMechanisms: [...signatureMechanisms],
    wrapFormats: [...wrapFormats],
    unwrapFormats: [...unwrapFormats],
    encryptsFiles: aesGcm,
    takesClearKeys: [...imports],
    guards: viewGuards(await provider.trials.guards()),
  };
}

export const tokenProfileHandlers = { 'token.probe': probe } satisfies Partial<Handlers>;
