import { listOf, parseJson } from './json';
import { type Entry, entryOf } from './store';

/** What a line of the log says: entries to keep, in place of those of the same number, or numbers to forget. */
export type Line = { put: readonly Entry[] } | { remove: readonly number[] };

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as of IEEE 802.3, in hex. */
function checksum(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

const encoder = new TextEncoder();

/** A line tells by its checksum whether all of it was written. */
export function encodeLine(line: Line): string {
  const json = JSON.stringify(line);
  return `${checksum(encoder.encode(json))} ${json}\n`;
}

function decodeLine(text: string): Line | undefined {
  const json = text.slice(9);
  if (text[8] !== ' ' || checksum(encoder.encode(json)) !== text.slice(0, 8)) return undefined;
  const value = parseJson(json);
  const remove = listOf(value, 'remove').filter((seq) => typeof seq === 'number');
  if (remove.length > 0) return { remove };
  return { put: listOf(value, 'put').flatMap((entry) => entryOf(entry) ?? []) };
}

/** What a log holds. */
export interface Replayed {
  entries: Entry[];
  /** Lines that can't be read: one at the end is a write that was cut off, more is a damaged file. */
  damaged: number;
}

/** Plays a log; what can't be read is passed over. */
export function replayLog(text: string): Replayed {
  const entries = new Map<number, Entry>();
  let damaged = 0;
  for (const part of text.split('\n')) {
    if (part === '') continue;
    const line = decodeLine(part);
    if (!line) damaged += 1;
    else if ('put' in line) for (const entry of line.put) entries.set(entry.seq, entry);
    else for (const seq of line.remove) entries.delete(seq);
  }
  return { entries: [...entries.values()].sort((a, b) => a.seq - b.seq), damaged };
}
