/** What a module's answers mean, and what it was asked: `token.explain`, `token.trace`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import type { OperationName } from '../../pkcs11-wire/messages.ts';
import { toHex, utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import { ckrNumbered, explainCkr } from '../providers/pkcs11/ckrDoctor.ts';
import { familyFacts, familyOf } from '../providers/pkcs11/moduleFamily.ts';
import { fileNameOf } from '../quorum/sentence.ts';
import { withOutput } from '../work/outputFile.ts';
import { tokenNamed } from './tokens.ts';
import type { Workbench } from './workbench.ts';

const operations = {
  list: 'tokens', 'log-in': 'login', 'change-pin': 'changePin', 'unblock-pin': 'unblockPin', initialise: 'initToken', 'make-pair': 'generatePair', 'make-secret': 'generateSecret',
  sign: 'sign', mac: 'mac', encrypt: 'encrypt', decrypt: 'decrypt', wrap: 'wrap', unwrap: 'unwrap', derive: 'derive', destroy: 'destroy',
} as const satisfies Record<NonNullable<Request<'token.explain'>['operation']>, OperationName>;

function explain(_context: LockedContext, { code, operation, module }: Request<'token.explain'>): Reply<'token.explain'> {
  const number = ckrNumbered(code);
  if (number === undefined) throw new StrongroomError('request-invalid', '"code" expected a number, as 0xa0 or 160, or the name of one, as CKR_PIN_INCORRECT', { field: 'code', nextStep: 'it stands in brackets behind what a token refused' });
  const family = module === undefined ? undefined : familyOf(module);
  const { name, code: ours, sentence, nextStep } = explainCkr(number, { ...(family === undefined ? {} : { family }), ...(operation === undefined ? {} : { operation: operations[operation] }) });
  return {
    number: `0x${number.toString(16)}`,
    name,
    meaning: sentence,
    ...(nextStep === undefined ? {} : { nextStep }),
    error: ours,
    ...(family === undefined ? {} : { module: familyFacts(family).name, wrongPins: familyFacts(family).locks }),
  };
}

/** By its token, present or remembered, or by its own file name: a trace is wanted most when a module shows no token. */
async function moduleOf(bench: Workbench, name: string): Promise<string> {
  await bench.modules.inventory(); // it has something to tell then, also right after the start
  const module = bench.records.find('module', ({ path }) => path === name || fileNameOf(path) === name);
  if (module !== undefined) return module.record.path;
  const token = bench.records.find('token', ({ label, serial }) => label === name || serial === name);
  const remembered = bench.records.find('module', ({ path }) => path === token?.record.modulePath);
  return remembered?.record.path ?? (await tokenNamed(bench, name)).modulePath;
}

async function trace(bench: Workbench, { token, out }: Request<'token.trace'>): Promise<Reply<'token.trace'>> {
  const grant = bench.ports.files.redeemWrite(out);
  const path = await moduleOf(bench, token);
  const { calls, text } = bench.modules.traceOf(path);
  const record = bench.records.find('module', (candidate) => candidate.path === path)?.record;
  // SECURITY: a support ticket is read by strangers: what the token is called is told as a hash, and nothing of the file's folder
  const head = ['Strongroom call trace 1', `module ${fileNameOf(path)}`, `module-sha256 ${record === undefined ? 'unknown' : toHex(record.sha256)}`, `family ${familyOf(path)}`, `asked-for-sha256 ${toHex(sha256(utf8(token)))}`, `calls ${calls}`, ''];
  await withOutput(grant, async (output) => {
    await output.write(utf8(`${head.join('\n')}\n${text}`));
    await output.sync();
  });
  return { module: fileNameOf(path), calls };
}

export const tokenDoctorHandlers = {
  'token.explain': explain,
  'token.trace': trace,
} satisfies Partial<Handlers>;
