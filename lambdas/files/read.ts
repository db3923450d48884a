import { type ImportReport, importLimits } from '../contract/imports';
import { GeoJsonParser } from './geojson';
import { GpxParser } from './gpx';
import { FileBroken, FileRefused, type Parser, type Sink } from './sink';

export type Format = NonNullable<ImportReport['format']>;

/** How a file ended. */
export interface Reading {
  format?: Format;
  complete: boolean;
  /** Why it is not complete, or nothing of it is taken. */
  problem?: { code: string; detail: string };
  /** Nothing of the file is to be taken. */
  refused: boolean;
}

const blank = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf, 0xfe, 0xff, 0x00]);

/** By the first byte that is neither blank nor a mark of the encoding: XML begins with `<`, GeoJSON with `{`. */
function formatOf(first: number): Format {
  if (first === 0x3c) return 'gpx';
  if (first === 0x7b) return 'geojson';
  throw new FileRefused('format_unknown', 'The file is neither GPX nor GeoJSON.');
}

const parserOf = (format: Format, sink: Sink): Parser =>
  format === 'gpx' ? new GpxParser(sink) : new GeoJsonParser(sink);

/**
 * Reads a file to a sink. Whatever is in the file, it ends: with all of it, with what comes before a break, or with
 * nothing.
 * @param after called after each piece, so that what the sink gathered can be passed on
 * @throws only what `chunks` and `after` throw
 */
export async function readFile(
  chunks: AsyncIterable<Uint8Array>,
  sink: Sink,
  after: () => Promise<void> = async () => undefined,
): Promise<Reading> {
  let format: Format | undefined;
  let parser: Parser | undefined;
  let bytes = 0;
  const step = (chunk: Uint8Array | undefined): void => {
    bytes += chunk?.length ?? 0;
    if (bytes > importLimits.bytes)
      throw new FileRefused('too_large', `A file has at most ${importLimits.bytes} bytes.`);
    if (!parser) {
      const first = chunk?.find((byte) => !blank.has(byte));
      if (first === undefined && chunk) return;
      format = formatOf(first ?? 0);
      parser = parserOf(format, sink);
    }
    if (chunk) parser.write(chunk);
    else parser.end();
  };
  for await (const chunk of chunks) {
    const broken = ending(() => step(chunk));
    await after();
    if (broken) return { ...broken, ...(format && { format }) };
  }
  const broken = ending(() => step(undefined));
  await after();
  return { ...(broken ?? { complete: true, refused: false }), ...(format && { format }) };
}

/** @returns how the file ends where a step finds that it does */
function ending(step: () => void): Omit<Reading, 'format'> | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    if (!(error instanceof FileRefused || error instanceof FileBroken)) throw error;
    const problem = { code: error.code, detail: error.detail };
    return { complete: false, problem, refused: error instanceof FileRefused };
  }
}
