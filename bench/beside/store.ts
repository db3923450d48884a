import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { z } from 'zod';

/** A position as it is stored. Time in epoch ms, speed in m/s, heading in degrees. */
export interface Row {
  device: string;
  task: string;
  time: number;
  lat: number;
  lon: number;
  speed?: number;
  heading?: number;
}

const SCHEMA = `
  CREATE EXTENSION IF NOT EXISTS postgis;
  CREATE EXTENSION IF NOT EXISTS btree_gist;
  CREATE TABLE IF NOT EXISTS positions (
    device text NOT NULL, task text NOT NULL, time timestamptz NOT NULL,
    at geometry(Point, 4326) NOT NULL, speed real, heading real,
    PRIMARY KEY (device, task, time));
  CREATE INDEX IF NOT EXISTS positions_at ON positions USING gist (at, time);
  CREATE INDEX IF NOT EXISTS positions_time ON positions USING brin (time);`;

const INSERT = `
  INSERT INTO positions (device, task, time, at, speed, heading)
  SELECT device, task, to_timestamp(time / 1000.0), ST_SetSRID(ST_MakePoint(lon, lat), 4326), speed, heading
  FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float4[], $7::float4[])
    AS r(device, task, time, lon, lat, speed, heading)
  ON CONFLICT DO NOTHING`;

const POINT = 'extract(epoch FROM time) * 1000 AS time, ST_Y(at) AS lat, ST_X(at) AS lon, speed, heading';
const TRACK = `SELECT ${POINT} FROM positions WHERE device = $1 AND task = $2 ORDER BY time LIMIT 10000`;
const SEARCH = `
  SELECT device, task, ${POINT} FROM positions
  WHERE at && ST_MakeEnvelope($1, $2, $3, $4, 4326) AND time BETWEEN to_timestamp($5 / 1000.0) AND to_timestamp($6 / 1000.0)
  ORDER BY time, device, task LIMIT $7`;

/** Advances a device's latest position, never back in time, and its place in the geo set. */
const ADVANCE = `
  local time = redis.call('HGET', KEYS[1], 'time')
  if time and tonumber(time) >= tonumber(ARGV[1]) then return 0 end
  redis.call('HSET', KEYS[1], 'time', ARGV[1], 'lat', ARGV[2], 'lon', ARGV[3])
  redis.call('GEOADD', KEYS[2], ARGV[3], ARGV[2], ARGV[4])
  return 1`;

/** How long the first row of a batch waits for others (ms), and how many rows a batch has. */
const GATHER_MS = 5;
const BATCH_ROWS = 1_000;

const search = z.array(z.tuple([z.string(), z.string()]));

/** A request's rows that are not committed yet. */
interface Waiting {
  rows: readonly Row[];
  done(error?: unknown): void;
}

function settle(batch: readonly Waiting[], error?: unknown): void {
  for (const { done } of batch) done(error);
}

/** Everything that the server keeps. Rows of requests that come together go into one statement. */
export class Store {
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;
  /** of the script in Valkey */
  private advance = '';

  constructor(
    private readonly pool: Pool,
    private readonly valkey: Redis,
  ) {}

  async prepare(): Promise<void> {
    await this.pool.query(SCHEMA);
    this.advance = String(await this.valkey.script('LOAD', ADVANCE));
  }

  /** Resolves when the rows are committed and the latest positions know of them. */
  append(rows: readonly Row[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ rows, done: (error) => (error === undefined ? resolve() : reject(error)) });
      if (this.waiting.reduce((sum, each) => sum + each.rows.length, 0) >= BATCH_ROWS) this.flush();
      else this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
    });
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting;
    this.waiting = [];
    this.write(batch.flatMap(({ rows }) => rows)).then(
      () => settle(batch),
      (error: unknown) => settle(batch, error),
    );
  }

  private async write(rows: readonly Row[]): Promise<void> {
    const column = <K extends keyof Row>(name: K) => rows.map((row) => row[name] ?? null);
    const columns = (['device', 'task', 'time', 'lon', 'lat', 'speed', 'heading'] as const).map(column);
    await this.pool.query(INSERT, columns);
    const newest = new Map<string, Row>();
    for (const row of rows) if (row.time > (newest.get(row.device)?.time ?? 0)) newest.set(row.device, row);
    const pipeline = this.valkey.pipeline();
    for (const { device, time, lat, lon } of newest.values()) {
      pipeline.call('EVALSHA', this.advance, 2, `latest:${device}`, 'near', time, lat, lon, device);
    }
    await pipeline.exec();
  }

  async latest(device: string): Promise<Record<string, string> | undefined> {
    const found = await this.valkey.hgetall(`latest:${device}`);
    return found.time === undefined ? undefined : found;
  }

  async nearby({ lat, lon, radius, limit }: { lat: number; lon: number; radius: number; limit: number }) {
    const by = ['FROMLONLAT', lon, lat, 'BYRADIUS', radius, 'm', 'ASC', 'COUNT', limit, 'WITHDIST'] as const;
    const found = search.parse(await this.valkey.call('GEOSEARCH', 'near', ...by));
    return { devices: found.map(([device, distance]) => ({ device, distance: Number(distance) })) };
  }

  async track(device: string, task: string): Promise<{ positions: unknown[] }> {
    return { positions: (await this.pool.query(TRACK, [device, task])).rows };
  }

  /** @param box west, south, east, north in degrees */
  async search(box: readonly number[], from: number, to: number, limit: number): Promise<{ positions: unknown[] }> {
    return { positions: (await this.pool.query(SEARCH, [...box, from, to, limit])).rows };
  }
}
