import { type BackoffSettings, defaultBackoff } from './backoff';
import { type Environment, systemEnvironment } from './environment';
import { listOf, member, numberOf, pointOf, textOf } from './json';
import { Link, type LinkState, type Names, namesOf, textsOf, type WebSocketMaker } from './live-socket';
import type { Point } from './point';
import { Api } from './request';
import { type TokenSource, Tokens } from './token';

/** A box on the map in degrees; `west` > `east` crosses the antimeridian. */
export interface Viewport {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** The newest position of a vehicle: its pseudonym, or its true id for who may know that. */
export type VehiclePosition = Pick<Point, 'time' | 'lat' | 'lon' | 'speed' | 'heading'> & { vehicle: string };

/** What a subscription tells. */
export interface Frame {
  /** A snapshot has all that is in view; positions are those that changed. */
  type: 'snapshot' | 'positions';
  positions: VehiclePosition[];
  /** Vehicles that are out of view now. */
  left: string[];
  names?: Names;
}

export interface LiveOptions {
  api: string;
  ws: string;
  token: TokenSource;
  /** The class of the package `ws` where there is no global one (Node.js before 22). */
  webSocket?: WebSocketMaker;
  backoff?: Partial<BackoffSettings>;
  onState?(state: LinkState, detail: string): void;
  environment?: Partial<Environment>;
}

export interface Subscription {
  /** Watches another part of the map from now on. */
  move(viewport: Viewport): void;
  close(): void;
}

/** What a subscription follows. */
export type Follows = { viewport: Viewport } | { device: string };

interface Followed {
  follows: Follows;
  onFrame(frame: Frame): void;
  onError(error: { code: string; detail: string }): void;
}

function vehicleOf(value: unknown): VehiclePosition[] {
  const [point, vehicle] = [pointOf(value), textOf(value, 'vehicle')];
  return point && vehicle !== undefined ? [{ ...point, vehicle }] : [];
}

function frameOf(message: unknown): Frame | undefined {
  const type = textOf(message, 'type');
  if (type !== 'snapshot' && type !== 'positions') return undefined;
  const positions = listOf(message, 'positions').flatMap(vehicleOf);
  const names = namesOf(message);
  return { type, positions, left: textsOf(message, 'left'), ...(names && { names }) };
}

/** Watches vehicles over one connection that comes back by itself, and subscribes again to what was subscribed. */
export class Live {
  private readonly environment: Environment;
  private readonly link: Link;
  private readonly followed = new Map<string, Followed>();
  /** Subscribed after the last ping: a pong may not know them yet. */
  private fresh = new Set<string>();
  private ids = 0;

  constructor(options: LiveOptions) {
    this.environment = { ...systemEnvironment(), ...options.environment };
    const api = new Api(options.api, new Tokens(options.token, this.environment.clock), this.environment);
    this.link = new Link({
      ws: options.ws,
      api,
      environment: this.environment,
      webSocket: options.webSocket ?? WebSocket,
      backoff: { ...defaultBackoff, mostMs: 15_000, ...options.backoff },
      onOpen: () => this.subscribeAll(),
      onMessage: (message) => this.receive(message),
      onState: options.onState ?? (() => undefined),
    });
    this.link.connect();
  }

  /**
   * Follows a viewport or a device until it is closed; at most ten at a time.
   * @param onError the server refuses this subscription; with a wait it is tried again by itself
   */
  follow(
    follows: Follows,
    onFrame: (frame: Frame) => void,
    onError: (error: { code: string; detail: string }) => void = () => undefined,
  ): Subscription {
    const id = `s${++this.ids}`;
    this.followed.set(id, { follows, onFrame, onError });
    this.subscribe(id);
    return {
      move: (viewport) => {
        const known = this.followed.get(id);
        if (!known) return;
        this.followed.set(id, { ...known, follows: { viewport } });
        this.subscribe(id);
      },
      close: () => {
        if (this.followed.delete(id)) this.link.send({ type: 'unsubscribe', id });
      },
    };
  }

  close(): void {
    this.followed.clear();
    this.link.close();
  }

  private subscribeAll(): void {
    for (const id of this.followed.keys()) this.subscribe(id);
  }

  private subscribe(id: string): void {
    const followed = this.followed.get(id);
    if (!followed) return;
    this.fresh.add(id);
    this.link.send({ type: 'subscribe', id, ...followed.follows });
  }

  private receive(message: unknown): void {
    const type = textOf(message, 'type');
    if (type === 'pong') this.takePong(message);
    if (type === 'error') this.takeError(message);
    const frame = frameOf(message);
    if (frame) this.followed.get(textOf(message, 'id') ?? '')?.onFrame(frame);
  }

  /** What the server has forgotten is subscribed anew. */
  private takePong(message: unknown): void {
    const { fresh } = this;
    this.fresh = new Set();
    if (!Array.isArray(member(message, 'subscriptions'))) return;
    const inForce = new Set(textsOf(message, 'subscriptions'));
    for (const id of this.followed.keys()) if (!inForce.has(id) && !fresh.has(id)) this.subscribe(id);
  }

  private takeError(message: unknown): void {
    const code = textOf(message, 'code') ?? 'error';
    if (code === 'subscriptions_lost') this.subscribeAll();
    const id = textOf(message, 'id');
    if (id === undefined) return;
    this.followed.get(id)?.onError({ code, detail: textOf(message, 'detail') ?? '' });
    const seconds = numberOf(message, 'retryAfterSeconds');
    if (seconds !== undefined) this.environment.clock.after(seconds * 1_000, () => this.subscribe(id));
  }
}
