/** bcrypt_pbkdf of OpenBSD, by which OpenSSH protects private keys (PROTOCOL.key): Blowfish from the package, the rounds here, so that others get through. */
import bcryptPbkdf from 'bcrypt-pbkdf';
import { concatBytes, uint32 } from './bytes.ts';
import { hash } from './hashes.ts';

const blockLength = 32;
/** After so many rounds (about 20 ms) other work gets its turn. */
const slice = 8;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function block(password: Uint8Array, salt: Uint8Array, rounds: number, count: number): Promise<Uint8Array> {
  const sum = new Uint8Array(blockLength);
  const round = new Uint8Array(blockLength);
  let salted = hash('sha512', concatBytes(salt, uint32(count)));
  for (let done = 0; done < rounds; done++) {
    bcryptPbkdf.hash(password, salted, round);
    salted = hash('sha512', round);
    for (let index = 0; index < blockLength; index++) sum[index] = (sum[index] ?? 0) ^ (round[index] ?? 0);
    if (done % slice === slice - 1) await turn();
  }
  round.fill(0); // SECURITY: what the key is made of is wiped
  salted.fill(0);
  return sum;
}

/** The caller owns and wipes the result. The output bytes of the blocks are interleaved, as bcrypt_pbkdf.c has it. */
export async function bcryptKey(password: Uint8Array, salt: Uint8Array, rounds: number, length: number): Promise<Uint8Array> {
  const hashed = hash('sha512', password);
  const stride = Math.ceil(length / blockLength);
  const key = new Uint8Array(length);
  for (let count = 1; count <= stride; count++) {
    const part = await block(hashed, salt, rounds, count);
    for (let index = 0; index * stride + count - 1 < length && index < blockLength; index++) key[index * stride + count - 1] = part[index] ?? 0;
    part.fill(0); // SECURITY: part of the key
  }
  hashed.fill(0); // SECURITY: it stands for the password
  return key;
}
