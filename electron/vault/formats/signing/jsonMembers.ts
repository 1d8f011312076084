/** JSON objects whose members stand once (RFC 7515 §4): `JSON.parse` takes the last of two, and another reader may take the first. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';

/** A string, or what opens and closes. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

/** @param json that `JSON.parse` took @throws `input-malformed` for a member that stands twice in one object */
export function requireDistinctMembers(json: string, document: string): void {
  const open: Set<string>[] = [];
  let previous = '';
  for (const [token] of json.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const name = JSON.parse(previous) as string;
      if (open.at(-1)?.has(name) === true) throw new StrongroomError('input-malformed', `the ${document} has the member "${name.slice(0, 40)}" twice`, { nextStep: 'ask for the file again' });
      open.at(-1)?.add(name);
    }
    previous = token;
  }
}
