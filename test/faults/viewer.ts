import WebSocket from 'ws';
import type { Viewport } from '../../lambdas/contract/socket';

const PING_MS = 10_000;
const AGAIN_MS = 1_000;
const ID = 'map';

/** Watches one viewport as the console does: pings each ten seconds, subscribes and connects again where need be. */
export class Viewer {
  /** epoch ms of each frame with positions */
  readonly seen: number[] = [];
  /** times that it was told, or found, that its subscription was lost */
  lost = 0;
  /** Vehicles of which a frame showed an older place than a frame before it. */
  readonly wentBack: string[] = [];
  private readonly newest = new Map<string, number>();
  private socket: WebSocket | undefined;
  private readonly pinging: NodeJS.Timeout;
  private answered = true;
  private subscribedSincePing = false;
  private closed = false;

  constructor(
    private url: string,
    private readonly token: string,
    private readonly viewport: Viewport,
  ) {
    this.pinging = setInterval(() => this.ping(), PING_MS);
    this.connect();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.pinging);
    this.socket?.terminate();
  }

  /** Connects elsewhere the next time, as after a restart of the stack on another port. */
  moveTo(url: string): void {
    this.url = url;
  }

  private connect(): void {
    if (this.closed) return;
    const socket = new WebSocket(this.url, ['waystream', `bearer.${this.token}`]);
    this.socket = socket;
    this.answered = true;
    socket.on('open', () => this.subscribe());
    socket.on('message', (data) => this.receive(JSON.parse(String(data))));
    socket.on('error', () => undefined);
    socket.on('close', () => this.socket === socket && setTimeout(() => this.connect(), AGAIN_MS));
  }

  private receive(frame: {
    type: string;
    id?: string;
    code?: string;
    subscriptions?: string[];
    positions?: { vehicle: string; time: number }[];
  }) {
    if (frame.type === 'positions') this.see(frame.positions ?? []);
    if (frame.type === 'pong' || frame.type === 'error') this.answered = true;
    const forgotten = frame.type === 'pong' && frame.subscriptions !== undefined && !frame.subscriptions.includes(ID);
    if ((forgotten && !this.subscribedSincePing) || frame.code === 'subscriptions_lost') {
      this.lost += 1;
      this.subscribe();
    } else if (frame.type === 'error' && frame.id === ID) {
      setTimeout(() => this.subscribe(), AGAIN_MS);
    }
  }

  private see(positions: readonly { vehicle: string; time: number }[]): void {
    if (positions.length > 0) this.seen.push(Date.now());
    for (const { vehicle, time } of positions) {
      const before = this.newest.get(vehicle) ?? 0;
      if (time < before) this.wentBack.push(`${vehicle}: ${before - time} ms`);
      this.newest.set(vehicle, Math.max(time, before));
    }
  }

  private subscribe(): void {
    this.subscribedSincePing = true;
    this.send({ type: 'subscribe', id: ID, viewport: this.viewport });
  }

  /** A ping that was never answered means that the connection is half-open: it is given up. */
  private ping(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (!this.answered) {
      this.socket.terminate();
      return;
    }
    this.answered = false;
    this.subscribedSincePing = false;
    this.send({ type: 'ping' });
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
