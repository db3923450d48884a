import { randomBytes } from 'node:crypto';

/** A request, message or connection id of AWS's shape: eleven bytes in base64, `L0SM9cOFvHcCIhw=`. */
export function gatewayId(): string {
  // Ids travel in URLs and topic names; AWS's have `-` and `_` too where base64 has `+` and `/`.
  return randomBytes(11).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Common log format in UTC: `12/Mar/2020:19:03:58 +0000`. @param time epoch milliseconds */
export function commonLogTime(time: number): string {
  const [, year, month, day, clock] = /^(\d+)-(\d+)-(\d+)T(.{8})/.exec(new Date(time).toISOString()) ?? [];
  return `${day}/${months[Number(month) - 1]}/${year}:${clock} +0000`;
}
