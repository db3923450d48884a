import { FileRefused } from './sink';

const marks: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
  // Without a mark the first character, `<`, tells.
  ['utf-16le', [0x3c, 0x00]],
  ['utf-16be', [0x00, 0x3c]],
];

/**
 * The encoding of an XML file: by its mark, or by its declaration; UTF-8 else.
 * Source: Extensible Markup Language (XML) 1.0, appendix F.
 * @param head the file's first bytes, the whole declaration if it has one
 */
export function encodingOf(head: Uint8Array): string {
  const marked = marks.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte));
  if (marked) return marked[0];
  const declaration = Buffer.from(head.subarray(0, 256)).toString('latin1');
  return /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(declaration)?.[1] ?? 'utf-8';
}

/**
 * Turns an XML file's bytes into text. A byte that is no character becomes a replacement character: that spoils a name,
 * not a number.
 * @throws FileRefused (`encoding_unknown`)
 */
export function decoderFor(head: Uint8Array): TextDecoder {
  const encoding = encodingOf(head);
  try {
    return new TextDecoder(encoding);
  } catch {
    throw new FileRefused('encoding_unknown', `The file says that its encoding is ${encoding}. Save it as UTF-8.`);
  }
}
