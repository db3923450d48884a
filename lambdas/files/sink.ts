/** A point as a file has it: what it says, not whether that makes sense. A number that can't be read is NaN. */
export interface RawPoint {
  lat: number;
  lon: number;
  /** Epoch ms; undefined where the file has none. */
  time?: number | undefined;
  altitude?: number | undefined;
  speed?: number | undefined;
  heading?: number | undefined;
  accuracy?: number | undefined;
  attributes?: Record<string, unknown> | undefined;
}

/** What a parser tells of a file, in the order of the file. */
export interface Sink {
  /** The points that follow are another ride's. */
  startRide(): void;
  /** The name of the ride under way. */
  nameRide(name: string): void;
  /** @param where in the file, for people: `line 14` */
  point(point: RawPoint, where: string): void;
  /** Something that is not understood. @param what an element's or member's name */
  ignored(what: string, where: string): void;
}

/** Reads a file piece by piece; what it holds meanwhile does not grow with the file, but for one feature of GeoJSON. */
export interface Parser {
  /** @throws FileRefused, FileBroken */
  write(chunk: Uint8Array): void;
  /** @throws FileRefused, FileBroken */
  end(): void;
}

/** Nothing of the file is taken: it is none of ours, or is made to hurt. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';

  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** The file ends or breaks here: what came before counts. */
export class FileBroken extends Error {
  override readonly name = 'FileBroken';
  readonly code = 'malformed';

  constructor(readonly detail: string) {
    super(`malformed: ${detail}`);
  }
}

/** What a library throws by itself is about the file's form. @param what is wrong, before the library's own words */
export function toEnding(error: unknown, what: string): FileRefused | FileBroken {
  if (error instanceof FileRefused || error instanceof FileBroken) return error;
  return new FileBroken(`${what}: ${String(error).slice(0, 200)}`);
}
