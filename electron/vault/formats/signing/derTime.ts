/** Times in DER, RFC 5280 §4.1.2.5: UTC, to the second, UTCTime up to 2049 and GeneralizedTime from 2050. Digits are ASCII under every locale. */
import { utf8 } from '../../crypto/bytes.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { writeDer } from '../../crypto/derWriter.ts';

const utcTime = 0x17;
const generalizedTime = 0x18;

/** @param time milliseconds since 1970 @throws RangeError outside the years 1950 to 9999 */
export function writeTime(time: number): Uint8Array {
  const digits = new Date(time).toISOString().replace(/\.\d+Z$/, 'Z').replace(/[-:T]/g, '');
  const year = Number(digits.slice(0, 4));
  if (!/^\d{14}Z$/.test(digits) || year < 1950) throw new RangeError('"time" expected a year from 1950 to 9999');
  return year < 2050 ? writeDer(utcTime, utf8(digits.slice(2))) : writeDer(generalizedTime, utf8(digits));
}

/** @returns milliseconds since 1970, or undefined for what is not a time to the second in UTC: never a default */
export function readTime({ tag, content }: Pick<DerValue, 'tag' | 'content'>): number | undefined {
  const text = String.fromCharCode(...content.subarray(0, 16));
  const short = tag === utcTime && /^\d{12}Z$/.test(text);
  if (!short && !(tag === generalizedTime && /^\d{14}Z$/.test(text))) return undefined;
  const digits = short ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const time = Date.parse(iso);
  return !Number.isNaN(time) && new Date(time).toISOString() === iso ? time : undefined; // 30 February is no time
}
