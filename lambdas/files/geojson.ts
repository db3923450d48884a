import { type Json, type JsonObject, JsonReader } from './json';
import { FileRefused, type Parser, type RawPoint, type Sink } from './sink';
import { toTime } from './values';

/** Names that tools have for the times of a line's coordinates; the first that is there counts. */
const timeColumns = ['coordTimes', 'times', 'timestamps'];
/** Names that tools have for the time of one point. */
const timeNames = ['time', 'timestamp'];
const figureNames = {
  speed: ['speed'],
  heading: ['heading', 'course', 'bearing'],
  accuracy: ['accuracy', 'horizontal_accuracy'],
} as const;
type FigureName = keyof typeof figureNames;
const figures: readonly FigureName[] = ['speed', 'heading', 'accuracy'];

const isObject = (value: Json | undefined): value is JsonObject => value instanceof Map;
const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Undefined where there is nothing, NaN where it is no number. */
function figureOf(value: Json | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' ? value : Number.NaN;
}

/** A time as ISO 8601 or epoch ms. Undefined where there is none, NaN where it is no time. */
function timeOf(value: Json | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return toTime(value);
  return typeof value === 'number' ? Math.floor(value) : Number.NaN;
}

const firstOf = (object: JsonObject, names: readonly string[]): Json | undefined =>
  names.map((name) => object.get(name)).find((value) => value !== undefined);

/** Column values of a line's coordinates, by their place in it. */
type Column = (at: number) => Json | undefined;
const nothing: Column = () => undefined;
const columnOf = (value: Json | undefined): Column => (Array.isArray(value) ? (at) => value[at] : nothing);

/**
 * Reads GeoJSON (RFC 7946): a collection of features, a feature, or a bare geometry. Each line with times beside its
 * coordinates is a ride, as the export writes it; points with a time of their own belong to one ride together.
 */
export class GeoJsonParser implements Parser {
  private features = 0;
  /** Whether the ride under way is that of single points. */
  private inPoints = false;
  private readonly json = new JsonReader({ entry: (value) => this.feature(value), root: (value) => this.root(value) });

  constructor(private readonly sink: Sink) {}

  write(chunk: Uint8Array): void {
    this.json.write(chunk);
  }

  end(): void {
    this.json.end();
  }

  private root(value: Json): void {
    const type = isObject(value) ? textOf(value.get('type')) : '';
    // What was found under `features` counts, whatever the root calls itself.
    if (type === 'FeatureCollection' || this.features > 0) return;
    if (type === 'Feature') this.feature(value);
    else if (isObject(value) && value.has('coordinates')) this.geometry(value, new Map(), 'the file’s geometry');
    else
      throw new FileRefused('format_unknown', 'The file is JSON, but no GeoJSON: it has no features and no geometry.');
  }

  private feature(value: Json): void {
    this.features += 1;
    const where = `feature ${this.features}`;
    const geometry = isObject(value) ? value.get('geometry') : undefined;
    const properties = isObject(value) ? value.get('properties') : undefined;
    if (!isObject(geometry)) this.sink.ignored('feature without a geometry', where);
    else this.geometry(geometry, isObject(properties) ? properties : new Map(), where);
  }

  private geometry(geometry: JsonObject, properties: JsonObject, where: string): void {
    const type = textOf(geometry.get('type'));
    const coordinates = listOf(geometry.get('coordinates'));
    if (type === 'Point') this.single(coordinates, properties, where);
    else if (type === 'LineString') {
      this.startRide(properties);
      this.line(coordinates, properties, (column) => column, where);
    } else if (type === 'MultiLineString') {
      this.startRide(properties);
      for (const [at, part] of coordinates.entries()) {
        this.line(listOf(part), properties, (column) => listOf(column)[at], `${where}, part ${at + 1}`);
      }
    } else this.sink.ignored(type || 'geometry without a type', where);
  }

  private startRide(properties: JsonObject): void {
    this.inPoints = false;
    this.sink.startRide();
    this.sink.nameRide(textOf(properties.get('name')));
  }

  /** @param partOf what of a column belongs to this line */
  private line(
    coordinates: Json[],
    properties: JsonObject,
    partOf: (column: Json | undefined) => Json | undefined,
    where: string,
  ): void {
    const beside = properties.get('coordinateProperties');
    const find = (names: readonly string[]) =>
      firstOf(properties, names) ?? (isObject(beside) ? firstOf(beside, names) : undefined);
    const column = (names: readonly string[]) => columnOf(partOf(find(names)));
    const times = column(timeColumns);
    const columns = figures.map((name) => [name, column(figureNames[name])] as const);
    const attributes = column(['attributes']);
    for (const [at, coordinate] of coordinates.entries()) {
      const point = place(coordinate);
      point.time = timeOf(times(at));
      for (const [name, values] of columns) point[name] = figureOf(values(at));
      point.attributes = attributesOf(attributes(at));
      this.sink.point(point, `${where}, coordinate ${at + 1}`);
    }
  }

  private single(coordinates: Json[], properties: JsonObject, where: string): void {
    if (!this.inPoints) this.sink.startRide();
    this.inPoints = true;
    const point = place(coordinates);
    point.time = timeOf(firstOf(properties, timeNames) ?? listOf(firstOf(properties, timeColumns))[0]);
    for (const name of figures) {
      const value = firstOf(properties, figureNames[name]);
      // The export writes a column also for a line of one point.
      point[name] = figureOf(Array.isArray(value) ? value[0] : value);
    }
    point.altitude ??= figureOf(properties.get('altitude'));
    const attributes = properties.get('attributes');
    point.attributes = attributesOf(Array.isArray(attributes) ? attributes[0] : attributes);
    this.sink.point(point, where);
  }
}

function place(coordinate: Json | undefined): RawPoint {
  const [lon, lat, altitude] = listOf(coordinate);
  return { lat: figureOf(lat) ?? Number.NaN, lon: figureOf(lon) ?? Number.NaN, altitude: figureOf(altitude) };
}

const attributesOf = (value: Json | undefined): Record<string, unknown> | undefined =>
  isObject(value) ? Object.fromEntries(value) : undefined;
