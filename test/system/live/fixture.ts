import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { acceptCommand } from '../../../lambdas/contract/hot/latest';
import { Near } from '../../../lambdas/contract/hot/near';
import type { Position } from '../../../lambdas/contract/position';
import { showPositions } from '../../../lambdas/live/positions';
import { openRoom, type Room } from '../../../lambdas/live/room';
import { subscribe } from '../../../lambdas/live/subscribe';
import type { SocketRequest } from '../../../lambdas/platform/socket';
import { connectValkey } from '../../../lambdas/platform/valkey';
import { takeDataDirectory } from '../../../local/engines/data-directory';
import { type Engine, startEngine } from '../../../local/engines/engine';
import { fetchEngines } from '../../../local/engines/fetch';
import { freePorts } from '../../../local/engines/ports';
import { valkeySpec } from '../../../local/engines/valkey';

/** Valkey alone, as the local stack runs it. */
export async function startValkey(): Promise<{ engine: Engine; stop(): Promise<void> }> {
  const { valkeyServer } = await fetchEngines(() => undefined);
  const data = await takeDataDirectory(undefined);
  const [port = 0, busPort = 0] = await freePorts(2);
  const directory = join(data.path, 'valkey');
  const spec = valkeySpec({ server: valkeyServer, directory, port, busPort, announcePort: port, kept: data.kept });
  const logFile = join(data.path, 'valkey.log');
  const engine = await startEngine(spec, { logFile, watchdog: data.watchdog, log: () => undefined });
  const stop = async () => {
    await engine.stop();
    await data.watchdog.end();
  };
  return { engine, stop };
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every type.
type Frame = any;

/** Clients that take what is posted to them: each as fast as it is told to. */
export class Clients {
  readonly posts: { connection: string; at: number; frame: Frame }[] = [];
  readonly gone = new Set<string>();
  readonly failing = new Set<string>();
  /** Awaited before a client's post is done. */
  readonly slow = new Map<string, () => Promise<void>>();

  async post(connection: string, frame: object): Promise<boolean> {
    if (this.gone.has(connection)) return false;
    if (this.failing.has(connection)) throw new Error('not now');
    await this.slow.get(connection)?.();
    this.posts.push({ connection, at: Date.now(), frame: JSON.parse(JSON.stringify(frame)) });
    return true;
  }

  of(connection: string): Frame[] {
    return this.posts.filter((post) => post.connection === connection).map(({ frame }) => frame);
  }

  /** What the client's map shows in the end: the newest of each vehicle by the frames, in their order. */
  view(connection: string): Map<string, Frame> {
    const view = new Map<string, Frame>();
    for (const { type, positions, left } of this.of(connection)) {
      if (type === 'snapshot') view.clear();
      for (const vehicle of left ?? []) view.delete(vehicle);
      for (const position of positions ?? []) view.set(position.vehicle, position);
    }
    return view;
  }
}

export const STALE_SECONDS = 60;

/** Functions of the area over one Valkey: each room is an instance of its own. */
export class Town {
  readonly clients = new Clients();

  constructor(
    private readonly valkeyUrl: string,
    private readonly framesPerSecond = 20,
    private readonly rotation = { minutes: 15, silenceSeconds: 0.001 },
  ) {}

  room(): Room {
    const env = {
      VALKEY_URL: this.valkeyUrl,
      VALKEY_USER: 'default',
      VALKEY_CACHE: 'hot',
      AWS_REGION: 'eu-central-1',
      SOCKET_ENDPOINT: 'http://127.0.0.1:1',
      FRAMES_PER_SECOND: this.framesPerSecond,
      STALE_AFTER_SECONDS: STALE_SECONDS,
      PSEUDONYM_MINUTES: this.rotation.minutes,
      PSEUDONYM_SILENCE_SECONDS: this.rotation.silenceSeconds,
    };
    return openRoom(env, connectValkey(env), this.clients);
  }
}

export const batch = (device: string, ...points: Position[]) => ({ device, task: 't', at: Date.now(), points });

/** What ingest does with a position, then what comes of it by the stream. */
export async function report(room: Room, device: string, ...points: Position[]): Promise<void> {
  await index(room, device, ...points);
  await showPositions(room, [batch(device, ...points)], Date.now());
}

/** What ingest alone does. */
export async function index(room: Room, device: string, ...points: Position[]): Promise<void> {
  await room.valkey.run(acceptCommand(batch(device, ...points)));
  await new Near(room.valkey).update(
    points.map(({ time, lat, lon }) => ({ device, time, lat, lon })),
    Date.now(),
  );
}

export const request = (connectionId: string, ...roles: ('viewer' | 'operator' | 'device')[]): SocketRequest => ({
  connectionId,
  route: 'subscribe',
  identity: { sub: 'someone', roles: new Set(roles) },
  sourceIp: '127.0.0.1',
  connectedAt: Date.now(),
  body: '',
  now: Date.now(),
});

export const newConnection = () => `${randomUUID().slice(0, 12)}=`;

/** Each test has a place of its own on earth and a taxi, so that they share one Valkey. */
let places = 0;
export function newPlace() {
  places += 1;
  const lat = -60 + places;
  const viewport = { west: 10, south: lat, east: 10.1, north: lat + 0.1 };
  return {
    taxi: `taxi-${places}`,
    viewport,
    inside: { lat: lat + 0.05, lon: 10.05 },
    outside: { lat: lat + 0.05, lon: 10.3 },
  };
}

/** Follows a viewport as an operator, who sees true ids, unless told otherwise. */
export async function follow(
  room: Room,
  viewport: object,
  connection = newConnection(),
  role: 'viewer' | 'operator' = 'operator',
) {
  await subscribe(room, { type: 'subscribe', id: 'map', viewport }, request(connection, role));
  return connection;
}
