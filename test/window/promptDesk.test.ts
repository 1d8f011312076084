/** The desk of the trusted prompt, without a browser: one question at a time, answers that are none, refusals that pause it, secrets that are wiped. */
import { beforeEach, describe, expect, test } from 'vitest';
import { PromptDesk } from '../../electron/host/window/promptDesk.ts';
import type { PromptOpener } from '../../electron/host/window/promptDesk.ts';
import type { PromptAnswer, Question, Sitting } from '../../shared/ipc/promptContract.ts';

type Given = Omit<Extract<PromptAnswer, { kind: 'given' }>, 'sitting' | 'kind'>;

/** A fake: a window of the prompt that only remembers what it was given, and answers what the test says. */
class FakeOpener implements PromptOpener {
  readonly sittings: Sitting[] = [];
  openWindows = 0;
  mostOpen = 0;
  fails = false;
  #handlers: Parameters<PromptOpener['open']>[1] | undefined;

  open(sitting: Sitting, handlers: Parameters<PromptOpener['open']>[1]) {
    this.sittings.push(sitting);
    if (this.fails) return Promise.reject(new Error('no window'));
    this.#handlers = handlers;
    this.openWindows += 1;
    this.mostOpen = Math.max(this.mostOpen, this.openWindows);
    return Promise.resolve({
      close: () => {
        this.openWindows -= 1;
      },
    });
  }

  get last(): Sitting {
    const sitting = this.sittings.at(-1);
    if (sitting === undefined) throw new Error('nothing was asked');
    return sitting;
  }

  raw(answer: PromptAnswer): void {
    this.#handlers?.onAnswer(answer);
  }

  give(given: Given): void {
    this.raw({ sitting: this.last.id, kind: 'given', ...given });
  }

  refuse(how: 'later' | 'refused' = 'refused'): void {
    this.raw({ sitting: this.last.id, kind: 'declined', how });
  }

  closeByHand(): void {
    this.#handlers?.onClosed();
  }
}

let opener: FakeOpener;
let desk: PromptDesk;
let now: number;
let changes: boolean[];
const question = (sentence: string): Question => ({ kind: 'passphrase', sentence });
/** All that is under way comes to rest. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const bytes = (text: string) => [...new TextEncoder().encode(text)];
/** What became of a question, or undefined while it waits. */
function follow<T>(asked: Promise<T>): { value?: T; error?: { code: string; rule?: string; retryable: boolean } } {
  const outcome: ReturnType<typeof follow<T>> = {};
  asked.then(
    (value) => {
      outcome.value = value;
    },
    (error) => {
      outcome.error = error;
    },
  );
  return outcome;
}

beforeEach(() => {
  opener = new FakeOpener();
  now = 1_000_000;
  changes = [];
  desk = new PromptDesk({ opener, seal: () => ({ form: 3, phrase: 'three small words', chosen: '2026-01-02' }), onChange: (open) => changes.push(open), now: () => now });
});
const waitDeaf = async () => {
  await settled();
  now += 700;
};

describe('questions', () => {
  test('are asked one at a time, in their order', async () => {
    const asked = ['first', 'second', 'third'].map((sentence) => follow(desk.ask(question(sentence))));
    for (const [index, sentence] of ['first', 'second', 'third'].entries()) {
      await waitDeaf();
      expect(opener.last.question.sentence).toBe(sentence);
      expect(asked.map(({ value }) => value !== undefined)).toEqual([0, 1, 2].map((other) => other < index));
      opener.give({ typed: sentence });
    }
    await settled();
    expect(asked.map(({ value }) => value?.typed)).toEqual(['first', 'second', 'third']);
    expect([opener.mostOpen, opener.openWindows]).toEqual([1, 0]);
    expect(changes).toEqual([true, false, true, false, true, false]);
    expect(new Set(opener.sittings.map(({ id }) => id)).size).toBe(3);
  });

  test('show the seal, and say how long they are deaf', async () => {
    void desk.ask(question('shown'));
    await settled();
    expect(opener.last).toMatchObject({ seal: { form: 3, phrase: 'three small words' }, deafFor: 700 });
  });

  test('SECURITY: names from files and tokens turn and hide nothing around them', async () => {
    const evil = 'a\u202eb\u200bc\u2028d\ne\u0007';
    void desk.confirm({ why: 'act', sentence: `Load ${evil}`, details: [`it is told: ${evil}`], expected: evil, expectedIs: 'the name', verb: `Load ${evil}` });
    await settled();
    const shown = 'a\ufffdb\ufffdc\ufffdd\ufffde\ufffd';
    expect(opener.last.question).toMatchObject({ sentence: `Load ${shown}`, details: [`it is told: ${shown}`], verb: `Load ${shown}`, expected: evil });
  });

  test('for the password of a file say so, and take an empty one as it is', async () => {
    const asked = follow(desk.passphrase({ why: 'file', sentence: 'Password of the file: PKCS#12 file' }));
    await waitDeaf();
    expect(opener.last.question).toMatchObject({ kind: 'passphrase', ofFile: true, sentence: 'Password of the file: PKCS#12 file' });
    opener.give({ secret: [] });
    await settled();
    expect([asked.error, asked.value?.expose().length]).toEqual([undefined, 0]);
  });

  test('go on after one that was refused', async () => {
    const first = follow(desk.ask(question('first')));
    const second = follow(desk.ask(question('second')));
    await waitDeaf();
    opener.refuse();
    await waitDeaf();
    opener.give({ typed: 'yes' });
    await settled();
    expect([first.error?.code, second.value?.typed]).toEqual(['declined', 'yes']);
  });

  test('more than four that wait are refused, and there is room again once one was answered', async () => {
    const asked = Array.from({ length: 4 }, (_, index) => follow(desk.ask(question(`${index}`))));
    expect(() => desk.ask(question('one too many'))).toThrow(expect.objectContaining({ code: 'secret-unavailable', retryable: true }));
    await waitDeaf();
    opener.give({ typed: 'yes' });
    await settled();
    expect(asked[0]?.value?.typed).toBe('yes');
    const more = follow(desk.ask(question('fits now')));
    await settled();
    expect([more.error, opener.sittings.length]).toEqual([undefined, 2]);
  });

  test('a window that does not open is an answer too, and the next question is asked', async () => {
    opener.fails = true;
    const failed = follow(desk.ask(question('first')));
    await settled();
    expect(failed.error).toMatchObject({ code: 'secret-unavailable', retryable: true });
    expect(changes).toEqual([true, false]);
    opener.fails = false;
    const asked = follow(desk.ask(question('second')));
    await waitDeaf();
    opener.give({ typed: 'yes' });
    await settled();
    expect(asked.value?.typed).toBe('yes');
  });
});

describe('answers', () => {
  test('PROMPT-1: one that comes before anybody could have read the question is none', async () => {
    const asked = follow(desk.ask(question('read me')));
    await settled();
    now += 699;
    opener.give({ typed: 'too early' });
    opener.refuse();
    await settled();
    expect(asked).toEqual({});
    now += 1;
    opener.give({ typed: 'in time' });
    await settled();
    expect(asked.value?.typed).toBe('in time');
  });

  test('PROMPT-1: one to another sitting is none', async () => {
    const first = follow(desk.ask(question('first')));
    const second = follow(desk.ask(question('second')));
    await waitDeaf();
    const { id } = opener.last;
    opener.give({ typed: 'yes' });
    await waitDeaf();
    opener.raw({ sitting: id, kind: 'given', typed: 'a double click' });
    opener.raw({ sitting: 'made up', kind: 'given', typed: 'made up' });
    await settled();
    expect([first.value?.typed, second]).toEqual(['yes', {}]);
    opener.give({ typed: 'to the second' });
    await settled();
    expect(second.value?.typed).toBe('to the second');
  });

  test('a wrong one is asked again, in a sitting of its own that says why', async () => {
    const asked = follow(desk.ask(question('a number'), ({ typed }) => (typed === '7' ? undefined : 'it is another number')));
    await waitDeaf();
    expect(opener.last.again).toBeUndefined();
    const { id } = opener.last;
    opener.give({ typed: '6' });
    await waitDeaf();
    expect(opener.last).toMatchObject({ again: 'it is another number' });
    expect(opener.last.id).not.toBe(id);
    opener.give({ typed: '7' });
    await settled();
    expect(asked.value?.typed).toBe('7');
    expect(opener.openWindows).toBe(0);
  });

  test('a window that a person closes is put off; a second close is nothing', async () => {
    const asked = follow(desk.ask(question('closed')));
    await settled();
    opener.closeByHand();
    opener.closeByHand();
    await settled();
    expect(asked.error).toMatchObject({ code: 'declined' });
  });

  test('dismiss closes what is asked, unanswered, and nothing else', async () => {
    desk.dismiss();
    const first = follow(desk.ask(question('first')));
    const second = follow(desk.ask(question('second')));
    await settled();
    desk.dismiss();
    await waitDeaf();
    expect(first.error).toMatchObject({ code: 'declined' });
    expect([second, opener.last.question.sentence, opener.openWindows]).toEqual([{}, 'second', 1]);
    opener.give({ typed: 'yes' });
    await settled();
    expect(second.value?.typed).toBe('yes');
  });
});

describe('PROMPT-2: refusals', () => {
  const ask = async (how: 'refuse' | 'give') => {
    const asked = follow(desk.ask(question('again and again')));
    await waitDeaf();
    if (how === 'refuse') opener.refuse();
    else opener.give({ typed: 'yes' });
    await settled();
    return asked;
  };

  test('PROMPT-2: after two of them nothing is asked for thirty seconds', async () => {
    await ask('refuse');
    await ask('refuse');
    const paused = await ask('give');
    expect(paused.error).toMatchObject({ code: 'secret-unavailable', rule: 'PROMPT-2', retryable: true });
    expect(opener.sittings).toHaveLength(2);
    now += 30_000;
    expect((await ask('give')).value?.typed).toBe('yes');
  });

  test('PROMPT-2: a good answer between them starts the count anew', async () => {
    for (const how of ['refuse', 'give', 'refuse', 'give', 'refuse'] as const) await ask(how);
    expect((await ask('give')).value?.typed).toBe('yes');
  });

  test('PROMPT-2: what waits in the queue is refused too', async () => {
    const asked = Array.from({ length: 4 }, (_, index) => follow(desk.ask(question(`${index}`))));
    for (let times = 0; times < 2; times += 1) {
      await waitDeaf();
      opener.refuse('later');
    }
    await settled();
    expect(asked.map(({ error }) => error?.code)).toEqual(['declined', 'declined', 'secret-unavailable', 'secret-unavailable']);
  });
});

describe('secrets', () => {
  test('arrive as secret bytes, and what they came in is emptied', async () => {
    const asked = follow(desk.passphrase({ why: 'unlock', sentence: 'the passphrase' }));
    await waitDeaf();
    const message = bytes('correct horse');
    opener.give({ secret: message });
    await settled();
    expect(new TextDecoder().decode(asked.value?.expose())).toBe('correct horse');
    expect(message).toEqual(message.map(() => 0));
    expect(JSON.stringify(asked.value)).not.toContain('horse');
  });

  test('every question for one is of its kind, and names the token', async () => {
    const pin = { user: 'user', tokenLabel: 'officers', tokenSerial: '00a1', finalTry: true, countLow: true, minLength: 4, maxLength: 8 } as const;
    const kinds = [
      [() => desk.newPassphrase({ why: 'unlock', sentence: 'a new one' }), { kind: 'newPassphrase', sentence: 'a new one', fewestCharacters: 12 }],
      [() => desk.pin(pin), { kind: 'pin', finalTry: true, countLow: true, minLength: 4, maxLength: 8, sentence: 'The PIN of the token "officers" (00a1)', details: ['ONE try is left: a wrong PIN locks the token', 'it has 4 to 8 bytes: a letter outside of ASCII counts more than one'] }],
      [() => desk.newPin({ ...pin, user: 'so' }), { kind: 'newPin', sentence: 'A new security officer PIN for the token "officers"' }],
    ] as const;
    for (const [ask, shown] of kinds) {
      const asked = follow(ask());
      await waitDeaf();
      expect(opener.last.question).toMatchObject(shown);
      const message = bytes('12345678');
      opener.give({ secret: message });
      await settled();
      expect([asked.value?.length, message.every((byte) => byte === 0)]).toEqual([8, true]);
    }
  });

  test('an approval is what was typed and the passphrase; a confirmation is what was typed', async () => {
    const act = { why: 'act', sentence: 'Destroy payroll for good', details: ['it cannot be undone'], expected: 'payroll', expectedIs: 'the name of the key', verb: 'Destroy payroll', destroys: true } as const;
    const approved = follow(desk.approve(act));
    await waitDeaf();
    expect(opener.last.question).toMatchObject({ kind: 'approve', destroys: true, expected: 'payroll', verb: 'Destroy payroll', details: ['it cannot be undone'] });
    const message = bytes('correct horse');
    opener.give({ typed: 'payroll', secret: message });
    await settled();
    expect([approved.value?.typed, approved.value?.passphrase?.length, message.some((byte) => byte !== 0)]).toEqual(['payroll', 13, false]);
    const confirmed = follow(desk.confirm({ ...act, destroys: false, fingerprint: '00ff' }));
    await waitDeaf();
    expect(opener.last.question).toMatchObject({ kind: 'confirm', destroys: false, fingerprint: '00ff' });
    opener.give({ typed: 'pay' });
    await settled();
    expect(confirmed.value).toBe('pay');
  });

  test('an answer without one is no passphrase', async () => {
    const asked = follow(desk.passphrase({ why: 'unlock', sentence: 'the passphrase' }));
    await waitDeaf();
    opener.give({ typed: 'typed into the wrong field' });
    await settled();
    expect(asked.error).toMatchObject({ code: 'secret-unavailable' });
  });
});
