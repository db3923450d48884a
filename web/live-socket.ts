import { z } from 'zod';
import { serverMessages, type Viewport } from '../lambdas/contract/socket';
import type { Session } from './session';

export type Frame = z.infer<typeof serverMessages.positions> | z.infer<typeof serverMessages.snapshot>;
export type SocketState = 'connecting' | 'open' | 'lost';

interface Listener {
  onFrame(frame: Frame): void;
  onState(state: SocketState, detail: string): void;
}

const incoming = z.discriminatedUnion('type', [
  serverMessages.snapshot,
  serverMessages.positions,
  serverMessages.error,
  serverMessages.pong,
  serverMessages.unsubscribed,
]);

const PING_MS = 10_000;
const RETRY_MS = { least: 500, most: 15_000 };
const SUBSCRIPTION = 'map';

/** Watches one viewport; connects again and subscribes again by itself, whatever was lost. */
export class LiveSocket {
  /** The server's clock ahead of ours, in ms, as the last pong told. */
  clockOffset = 0;
  private socket: WebSocket | undefined;
  private viewport: Viewport | undefined;
  private attempts = 0;
  private pingedAt = 0;
  private answered = true;

  constructor(
    private readonly session: Session,
    private readonly listener: Listener,
  ) {
    setInterval(() => this.ping(), PING_MS);
    this.connect();
  }

  /** Watches this part of the map from now on. */
  watch(viewport: Viewport): void {
    this.viewport = viewport;
    this.subscribe();
  }

  private connect(): void {
    this.listener.onState('connecting', this.attempts === 0 ? 'connecting…' : 'connecting again…');
    const socket = new WebSocket(this.session.ws, ['waystream', `bearer.${this.session.token}`]);
    this.socket = socket;
    socket.addEventListener('open', () => {
      this.attempts = 0;
      this.answered = true;
      this.listener.onState('open', 'live');
      this.subscribe();
      this.ping();
    });
    socket.addEventListener('message', ({ data }) => this.receive(String(data)));
    socket.addEventListener('close', () => this.retry());
  }

  private retry(): void {
    this.attempts++;
    const wait = Math.random() * Math.min(RETRY_MS.most, RETRY_MS.least * 2 ** this.attempts);
    this.listener.onState('lost', `connection lost, trying again in ${Math.ceil(wait / 1_000)} s`);
    setTimeout(() => this.connect(), wait);
  }

  private receive(text: string): void {
    const parsed = incoming.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    const message = parsed.data;
    if (message.type === 'snapshot' || message.type === 'positions') this.listener.onFrame(message);
    if (message.type === 'pong') {
      this.answered = true;
      this.clockOffset = message.serverTime - (this.pingedAt + Date.now()) / 2;
    }
    if (message.type !== 'error') return;
    this.answered = true;
    if (message.code === 'subscriptions_lost') this.subscribe();
    else this.listener.onState('open', `${message.code}: ${message.detail}`);
  }

  private subscribe(): void {
    if (this.viewport) this.send({ type: 'subscribe', id: SUBSCRIPTION, viewport: this.viewport });
  }

  /** A ping that was never answered means that the connection is half-open: it is given up. */
  private ping(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (!this.answered) {
      this.socket.close();
      return;
    }
    this.answered = false;
    this.pingedAt = Date.now();
    this.send({ type: 'ping' });
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
