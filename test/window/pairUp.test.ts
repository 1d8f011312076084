/** Which signature belongs to which of many files, and what the window proposes for each purpose: pure parts of the renderer. */
import { describe, expect, test } from 'vitest';
import { algorithmWord, groupsFor, proposedFor, reasonFor } from '../../renderer/parts/algorithmText.ts';
import { formatWord, mechanismWord } from '../../renderer/parts/text.ts';
import { looksLikeSignature, pairUp } from '../../renderer/use/pairUp.ts';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { algorithms, purposes, signatureMechanisms, wrapFormats } from '../../shared/model/terms.ts';

const chosen = (name: string, folder = '/here') => ({ grant: name, name, folder });

describe('files and signatures', () => {
  test('belong together by name and folder; what has no counterpart is told', () => {
    const { pairs, alone } = pairUp(['a.tar', 'b.tar', 'c.tar'].map((name) => chosen(name)), [chosen('b.tar.p7s'), chosen('a.tar.sig'), chosen('c.tar.sig', '/elsewhere'), chosen('d.jws')]);
    expect(pairs.map(({ file, signature }) => [file.name, signature.name])).toEqual([['a.tar', 'a.tar.sig'], ['b.tar', 'b.tar.p7s']]);
    expect(alone.map(({ name }) => name)).toEqual(['c.tar', 'c.tar.sig', 'd.jws']);
  });

  test('one and one belong together whatever they are named', () => {
    expect(pairUp([chosen('letter.pdf')], [chosen('from-ada.bin', '/mail')]).pairs).toHaveLength(1);
    expect(pairUp([chosen('letter.pdf')], [])).toEqual({ pairs: [], alone: [chosen('letter.pdf')] });
  });

  test('a signature is used once', () => {
    expect(pairUp([chosen('a'), chosen('a')], [chosen('a.sig'), chosen('x.sig')]).pairs).toHaveLength(1);
    expect(['a.sig', 'A.P7S', 'a.jws', 'a.sig.txt', 'sig'].map((name) => looksLikeSignature(chosen(name)))).toEqual([true, true, true, false, false]);
  });
});

describe('a purpose', () => {
  test.each(purposes)('%s proposes an algorithm that it has, and shows each of them once, with its strength', (purpose) => {
    const first = proposedFor(purpose);
    const shown = groupsFor(purpose, first).flatMap((group) => group.algorithms);
    expect(shown[0]).toBe(first);
    expect(shown.toSorted()).toEqual([...purposeFacts[purpose].algorithms].toSorted());
    for (const algorithm of shown) expect(reasonFor(algorithm, purpose)).toMatch(/^\d+ bits of strength\. .+\.$/);
  });

  test('proposes what the place can do, where it cannot do the usual', () => {
    expect(proposedFor('signature', ['rsa-2048', 'rsa-3072'])).toBe('rsa-3072');
    expect(proposedFor('key-agreement', ['ec-p384'])).toBe('ec-p384');
    expect(proposedFor('key-agreement', [])).toBe('x25519');
  });
});

test('every algorithm, mechanism and wrapping has a name of its own that is not the code', () => {
  for (const [codes, word] of [[algorithms, algorithmWord], [signatureMechanisms, mechanismWord], [wrapFormats, formatWord]] as const) {
    const words = codes.map((code) => word(code as never));
    expect(new Set(words).size).toBe(codes.length);
    expect(words.filter((one) => (codes as readonly string[]).includes(one))).toEqual([]);
  }
});
