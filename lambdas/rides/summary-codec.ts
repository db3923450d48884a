import type { Climb } from './climb';
import { packIntegers, unpackIntegers } from './integers';
import type { Outline } from './outline';
import type { Sample } from './sample';
import type { Summary } from './summary';
import type { Trace } from './trace';
import type { Way } from './way';

/** Of the text that a summary is stored as. */
const VERSION = 1;

/** Numbers written one after the other; those of places as differences, which are short. */
class Writer {
  readonly values: number[] = [];
  private last = { time: 0, lat: 0, lon: 0 };

  put(...values: number[]): void {
    this.values.push(...values);
  }

  /** A place, as its difference from the one before. */
  place({ time, lat, lon }: Sample): void {
    this.put(time - this.last.time, lat - this.last.lat, lon - this.last.lon);
    this.last = { time, lat, lon };
  }

  samples(samples: readonly Sample[]): void {
    this.put(samples.length);
    for (const sample of samples) this.place(sample);
  }
}

class Reader {
  private at = 0;
  private last = { time: 0, lat: 0, lon: 0 };

  constructor(private readonly values: readonly number[]) {}

  take(): number {
    const value = this.values[this.at];
    if (value === undefined) throw new RangeError('a summary that ends early');
    this.at += 1;
    return value;
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.take() }, read);
  }

  place(): Sample {
    this.last = {
      time: this.last.time + this.take(),
      lat: this.last.lat + this.take(),
      lon: this.last.lon + this.take(),
    };
    return this.last;
  }

  samples(): Sample[] {
    return this.list(() => this.place());
  }
}

function writeOutline(writer: Writer, { level, places }: Outline): void {
  writer.put(level, places.length);
  let last = { second: 0, lat: 0, lon: 0 };
  for (const place of places) {
    writer.put(place.second - last.second, place.lat - last.lat, place.lon - last.lon);
    last = place;
  }
}

function readOutline(reader: Reader): Outline {
  const level = reader.take();
  let last = { second: 0, lat: 0, lon: 0 };
  const places = reader.list(() => {
    last = { second: last.second + reader.take(), lat: last.lat + reader.take(), lon: last.lon + reader.take() };
    return last;
  });
  return { level, places };
}

function writeWay(writer: Writer, way: Way): void {
  writer.samples(way.first);
  writer.samples(way.last);
  writer.put(way.distance, way.distance - way.moved, way.moving, way.fastest, way.gaps, way.gapMs);
  const { west, south, east, north, lastLon } = way.box;
  writer.put(west, east - west, south, north - south, lastLon - west);
  writeOutline(writer, way.outline);
}

function readWay(reader: Reader): Way {
  const [first, last] = [reader.samples(), reader.samples()];
  const distance = reader.take();
  const moved = distance - reader.take();
  const [moving, fastest, gaps, gapMs] = [reader.take(), reader.take(), reader.take(), reader.take()];
  const west = reader.take();
  const east = west + reader.take();
  const south = reader.take();
  const north = south + reader.take();
  const box = { west, south, east, north, lastLon: west + reader.take() };
  return { first, last, distance, moved, moving, fastest, gaps, gapMs, box, outline: readOutline(reader) };
}

function writeTrace(writer: Writer, { samples, first, last, core, spikes }: Trace): void {
  writer.put(samples);
  writer.samples(first);
  writer.samples(last);
  writer.put(spikes, core ? 1 : 0);
  if (core) writeWay(writer, core);
}

function readTrace(reader: Reader): Trace {
  const [samples, first, last, spikes] = [reader.take(), reader.samples(), reader.samples(), reader.take()];
  return { samples, first, last, spikes, core: reader.take() === 1 ? readWay(reader) : undefined };
}

function readClimb(reader: Reader): Climb {
  return { first: reader.take(), last: reader.take(), ascent: reader.take(), descent: reader.take() };
}

/** @returns a summary as text, below 700 characters as a rule */
export function encodeSummary({ points, from, to, trace, climb }: Summary): string {
  const writer = new Writer();
  writer.put(VERSION, points, from, to - from);
  writeTrace(writer, trace);
  writer.put(climb ? 1 : 0);
  if (climb) writer.put(climb.first, climb.last, climb.ascent, climb.descent);
  return packIntegers(writer.values);
}

/**
 * Reads a summary back.
 * @throws RangeError where the text is none
 */
export function decodeSummary(text: string): Summary {
  const reader = new Reader(unpackIntegers(text));
  if (reader.take() !== VERSION) throw new RangeError('a summary of another version');
  const [points, from] = [reader.take(), reader.take()];
  const to = from + reader.take();
  const trace = readTrace(reader);
  return { points, from, to, trace, climb: reader.take() === 1 ? readClimb(reader) : undefined };
}
