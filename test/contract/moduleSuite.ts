/** The provider suite on a PKCS#11 module, and its column in the table of modules: written at each run, and held against the page. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModuleUnderTest } from '../fixtures/startedModule.ts';
import { moduleOperations } from './moduleOperations.ts';
import { documentedColumn, guardOutcome, outcomeOf, writeColumn } from './operationTable.ts';
import { describeProvider } from './providerSuite.ts';
import type { Subject } from './suiteKeys.ts';
import { suiteKeys } from './suiteKeys.ts';
import type { Outcome } from '../../electron/build/modulesPage.ts';

type Module = ModuleUnderTest & Pick<Subject, 'prepared'> & { readonly alwaysAsks?: Parameters<typeof moduleOperations>[1] };

export function describeModule(name: string, makeModule: () => Promise<Module>): void {
  let made: Promise<Module> | undefined;
  const module = () => {
    made ??= makeModule();
    return made;
  };

  describe(name, () => {
    let subject: Module;
    beforeAll(async () => {
      subject = await module();
    });
    afterAll(async () => {
      await subject.close();
    });

    // The suite shares the module: it is closed once, here.
    describeProvider(name, async () => ({ ...(await module()), close: () => Promise.resolve() }));

    test('does what MODULES.md says, operation by operation, and nothing else', async () => {
      const listed = await subject.mechanisms();
      const operations: Record<string, Outcome> = {};
      for (const operation of moduleOperations(suiteKeys(() => subject), subject.alwaysAsks)) operations[operation.name] = await outcomeOf(operation, listed);
      const guards = Object.fromEntries(((await subject.provider.trials?.guards()) ?? []).map((finding) => [finding.guard, guardOutcome(finding)]));
      writeColumn({ module: name, versions: subject.versions(), operations, guards });
      if (process.env['STRONGROOM_MODULES'] !== 'write') expect({ operations, guards }, 'run `npm run modules` and read what changed').toEqual(documentedColumn(name));
    }, 120_000);
  });
}
