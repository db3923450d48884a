import { type BackoffSettings, fullJitter } from './backoff';
import type { Environment } from './environment';
import { listOf, member, numberOf, parseJson, textOf } from './json';
import type { Api } from './request';

/** What a WebSocket has to have: the browser's, React Native's, or that of the package `ws`. */
export interface WebSocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

export type WebSocketMaker = new (url: string) => WebSocketLike;

export interface LinkParts {
  /** The WebSocket API's address. */
  ws: string;
  api: Api;
  environment: Environment;
  webSocket: WebSocketMaker;
  backoff: BackoffSettings;
  /** A connection is there: what was subscribed is to be subscribed anew. */
  onOpen(): void;
  onMessage(message: unknown): void;
  onState(state: LinkState, detail: string): void;
}

export type LinkState = 'connecting' | 'open' | 'lost';

const PING_MS = 10_000;
const OPEN = 1;

/** A WebSocket that comes back: each connection with a ticket of its own, attempts apart with full jitter. */
export class Link {
  private socket: WebSocketLike | undefined;
  private failures = 0;
  private ended = false;
  private awaited = false;
  private cancelRetry: () => void = () => undefined;
  private cancelPing: () => void = () => undefined;
  private readonly ends = new AbortController();

  constructor(private readonly parts: LinkParts) {}

  connect(): void {
    void this.open().catch((error: unknown) => this.lost(String(error)));
  }

  /** @returns false where there is no connection now */
  send(message: object): boolean {
    if (this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    this.ended = true;
    this.ends.abort();
    this.cancelRetry();
    this.drop();
  }

  private async open(): Promise<void> {
    const { api, ws, webSocket: Socket, onState } = this.parts;
    onState('connecting', this.failures === 0 ? 'connecting' : 'connecting again');
    const answer = await api.ask('POST', '/v1/tickets', undefined, this.ends.signal);
    if (this.ended) return;
    const ticket = textOf(answer?.body, 'ticket');
    if (ticket === undefined) return this.lost(reasonOf(answer), answer?.retryAfterMs);
    const socket = new Socket(`${ws}${ws.includes('?') ? '&' : '?'}ticket=${encodeURIComponent(ticket)}`);
    this.socket = socket;
    socket.addEventListener('open', () => this.socket === socket && this.opened());
    socket.addEventListener('message', ({ data }) => this.socket === socket && this.receive(parseJson(String(data))));
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('close', () => this.socket === socket && this.lost('the connection was closed'));
  }

  private opened(): void {
    this.parts.onState('open', 'open');
    this.awaited = false;
    this.parts.onOpen();
    this.ping();
  }

  private receive(message: unknown): void {
    this.failures = 0;
    this.awaited = false;
    this.parts.onMessage(message);
  }

  private lost(detail: string, retryAfterMs = 0): void {
    this.drop();
    if (this.ended) return;
    const { environment, backoff, onState } = this.parts;
    this.failures += 1;
    const wait = Math.max(retryAfterMs, fullJitter(this.failures, environment.random(), backoff));
    onState('lost', `${detail}; trying again in ${Math.ceil(wait / 1_000)} s`);
    this.cancelRetry = environment.clock.after(wait, () => this.connect());
  }

  /** A ping without any answer until the next means that the connection is half open: it is given up. */
  private ping(): void {
    if (this.awaited) {
      this.lost('the server no longer answers');
      return;
    }
    this.awaited = true;
    this.send({ type: 'ping' });
    this.cancelPing = this.parts.environment.clock.after(PING_MS, () => this.ping());
  }

  private drop(): void {
    const { socket } = this;
    this.socket = undefined;
    this.cancelPing();
    socket?.close();
  }
}

const reasonOf = (answer: { status: number; body: unknown } | undefined): string =>
  answer ? (textOf(answer.body, 'detail') ?? `the server answered ${answer.status}`) : 'no answer';

/** Where vehicles go by pseudonyms: when these end (epoch ms by the server's clock), and how long each lasts (ms). */
export interface Names {
  until: number;
  everyMs: number;
}

export function namesOf(message: unknown): Names | undefined {
  const names = member(message, 'names');
  const [until, everyMs] = [numberOf(names, 'until'), numberOf(names, 'everyMs')];
  return until === undefined || everyMs === undefined || everyMs <= 0 ? undefined : { until, everyMs };
}

export const textsOf = (message: unknown, name: string): string[] =>
  listOf(message, name).filter((each) => typeof each === 'string');
