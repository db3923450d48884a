import { FileRefused, type Parser, type RawPoint, type Sink } from './sink';
import { toNumber, toTime } from './values';
import { XmlReader } from './xml';

/** Characters kept of an element's text: the longest that is looked at is a point's attributes as JSON. */
const TEXT_KEPT = 4_096;

/**
 * What a point's element says, by its name, be it GPX's own or an extension's: GPX 1.0 has speed (m/s) and course in the
 * point, 1.1 leaves them to extensions (Garmin's TrackPointExtension v2, OsmAnd, ours).
 */
const figures: Readonly<Record<string, 'altitude' | 'speed' | 'heading' | 'accuracy'>> = {
  ele: 'altitude',
  speed: 'speed',
  course: 'heading',
  bearing: 'heading',
  accuracy: 'accuracy',
};

/** What goes along as a free attribute, by the names that Garmin and GPX have for it. */
const extras: Readonly<Record<string, string>> = {
  hr: 'heartRate',
  cad: 'cadence',
  atemp: 'temperature',
  power: 'power',
  hdop: 'hdop',
  sat: 'satellites',
};

/** Elements that only hold others, or that say nothing of the points. */
const quiet = new Set(
  'gpx metadata trkseg extensions TrackPointExtension author bounds time creator copyright keywords desc cmt src link url urlname text type number name'.split(
    ' ',
  ),
);
/** Places that are no track: a plan, or a spot. Their own elements are not looked at. */
const elsewhere = new Set(['wpt', 'rte']);

/**
 * Reads GPX 1.0 and 1.1: each `trk` is a ride, its segments are parts of it. Elements are known by their names alone:
 * many files have no namespace, or none that is declared.
 * Source: GPX 1.1 Schema Documentation; GPX 1.0 Developer's Manual.
 */
export class GpxParser implements Parser {
  private readonly xml = new XmlReader({
    open: (name, attributes) => this.open(name, attributes),
    text: (text) => this.addText(text),
    close: (name) => this.close(name),
  });
  private readonly path: string[] = [];
  private point: RawPoint | undefined;
  private geoidHeight: number | undefined;
  private place = '';
  private text = '';
  /** Depth of a route or waypoint that is passed over. */
  private passing: number | undefined;

  constructor(private readonly sink: Sink) {}

  write(chunk: Uint8Array): void {
    this.xml.write(chunk);
  }

  end(): void {
    this.xml.end();
  }

  private open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.path.length === 0 && name !== 'gpx') {
      const detail = `The file is XML, but a ${name.slice(0, 40)} and no GPX.`;
      throw new FileRefused('format_unknown', detail);
    }
    this.path.push(name);
    this.text = '';
    if (this.passing !== undefined) return;
    if (elsewhere.has(name)) {
      this.passing = this.path.length;
      this.sink.ignored(name, this.xml.place);
    } else if (name === 'trk') this.sink.startRide();
    else if (name === 'trkpt') this.openPoint(attributes);
  }

  private openPoint({ lat = '', lon = '' }: Readonly<Record<string, string>>): void {
    this.point = { lat: toNumber(lat), lon: toNumber(lon) };
    this.geoidHeight = undefined;
    this.place = this.xml.place;
  }

  private addText(text: string): void {
    if (this.text.length < TEXT_KEPT) this.text += text.slice(0, TEXT_KEPT - this.text.length);
  }

  private close(name: string): void {
    const depth = this.path.length;
    this.path.pop();
    const text = this.text;
    this.text = '';
    if (this.passing !== undefined) {
      if (this.passing === depth) this.passing = undefined;
    } else if (name === 'trkpt') this.closePoint();
    else if (this.point) this.tell(this.point, name, text);
    else if (name === 'name' && this.path.at(-1) === 'trk') this.sink.nameRide(text.trim());
    else if (name !== 'trk' && !quiet.has(name)) this.sink.ignored(name, this.xml.place);
  }

  private closePoint(): void {
    const { point, geoidHeight } = this;
    if (!point) return;
    // GPX counts from mean sea level, Waystream from the ellipsoid; most files don't say how far these are apart.
    if (point.altitude !== undefined && geoidHeight) point.altitude += geoidHeight;
    this.point = undefined;
    this.sink.point(point, this.place);
  }

  /** An element within a point. */
  private tell(point: RawPoint, name: string, text: string): void {
    const figure = figures[name];
    const extra = extras[name];
    if (name === 'time' && this.path.at(-1) === 'trkpt') point.time = toTime(text);
    else if (name === 'geoidheight') this.geoidHeight = toNumber(text);
    else if (figure) point[figure] = toNumber(text);
    else if (extra) point.attributes = { ...point.attributes, [extra]: toNumber(text) };
    else if (name === 'attributes') point.attributes = { ...point.attributes, ...this.readAttributes(text) };
    else if (!quiet.has(name)) this.sink.ignored(name, this.place);
  }

  /** Ours: a JSON object, as the export writes it. */
  private readAttributes(text: string): Record<string, unknown> {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    } catch {
      // Told below.
    }
    this.sink.ignored('attributes', this.place);
    return {};
  }
}
