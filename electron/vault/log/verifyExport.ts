/** Verifies an exported log without its vault, and says exactly what that proves. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { ChainVerifier, LogFault } from './chainVerifier.ts';
import type { Entry, SignedEntry } from './entry.ts';
import { readHead, readLine } from './exportedLog.ts';
import { genesisSchema } from './genesis.ts';
import { vaultIdOf } from './vaultId.ts';

export interface Verified {
  readonly vaultId: Uint8Array;
  readonly genesisFingerprint: Uint8Array;
  readonly entries: number;
  readonly root: Uint8Array;
  readonly firstTime: number;
  readonly lastTime: number;
  /** What is proved, and what is not. */
  readonly statement: string;
  readonly findings: readonly string[];
}

export interface KnownFromOutside {
  /** 32 bytes, from somewhere else than the export. */
  readonly genesisFingerprint?: Uint8Array;
}

function invalid(message: string, cause?: unknown): StrongroomError {
  return new StrongroomError('log-invalid', message, { nextStep: 'ask for the log again, from its vault', cause });
}

function parse<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw invalid(`line ${line} is not one of an exported log`, cause);
  }
}

function take(verifier: ChainVerifier, line: number, signed: SignedEntry): Entry {
  try {
    return verifier.next(signed);
  } catch (error) {
    if (error instanceof LogFault) throw invalid(`line ${line}, ${error.message}`, error);
    throw error;
  }
}

/** The statement of design and README: no more is claimed than was checked. */
function statementOf(known: boolean): string {
  const founder = known ? 'it begins with the genesis that you named' : 'whether its genesis is the right one was not checked: compare its fingerprint with one from elsewhere';
  return `the log is whole from its genesis to its last entry here, append-only, and each entry is signed by its signer; ${founder}; no checkpoint is cosigned, so that all entries rest on their signers; the absence of newer entries is not proved`;
}

/** @throws `log-invalid` that names the line and what is wrong with it */
export async function verifyExport(lines: Iterable<string> | AsyncIterable<string>, known: KnownFromOutside = {}): Promise<Verified> {
  let line = 0;
  let verifier: ChainVerifier | undefined;
  let redacted = 0;
  for await (const text of lines) {
    line += 1;
    if (verifier === undefined) {
      verifier = new ChainVerifier(parse(line, () => readHead(text)));
      continue;
    }
    const signed = parse(line, () => readLine(text));
    const entry = take(verifier, line, signed);
    if (signed.seq !== entry.seq) throw invalid(`line ${line} says entry ${signed.seq} and holds entry ${entry.seq}`);
    if (entry.seq === 0) requireVault(verifier, entry, known);
    redacted += Object.keys(entry.personal).length - Object.keys(signed.openings).length;
  }
  if (verifier?.genesis === undefined) throw invalid('the log is empty');
  const { vaultId, genesis, tree, firstTime, lastTime } = verifier;
  const findings = redacted === 0 ? [] : [`${redacted} personal fields are redacted`];
  return { vaultId, genesisFingerprint: genesis, entries: tree.size, root: tree.root(), firstTime, lastTime, statement: statementOf(known.genesisFingerprint !== undefined), findings };
}

function requireVault({ vaultId, genesis }: ChainVerifier, entry: Entry, { genesisFingerprint }: KnownFromOutside): void {
  // SECURITY: the id that every signature covers is that of the seed in the genesis
  if (!equalBytes(vaultIdOf(genesisSchema.parse(entry.body).seed), vaultId)) throw invalid('the vault id is not that of the genesis');
  // SECURITY: a whole log made by somebody else verifies in itself; only a fingerprint from outside tells it apart
  if (genesisFingerprint !== undefined && (genesis === undefined || !equalBytes(genesis, genesisFingerprint))) throw invalid('the log begins with another genesis than the one that you named');
}
