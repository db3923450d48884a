import { z } from 'zod';
import { serverMessages, type Viewport } from '../lambdas/contract/socket';
import type { Session } from './session';

export type Frame = z.infer<typeof serverMessages.positions> | z.infer<typeof serverMessages.snapshot>;
export type SocketState = 'connecting' | 'open' | 'lost' | 'refused';

interface Listener {
  onFrame(frame: Frame): void;
  onState(state: SocketState, detail: string): void;
}

const incoming = z.discriminatedUnion('type', [
  serverMessages.snapshot,
  serverMessages.positions,
  serverMessages.error,
  serverMessages.pong,
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
  private subscribedSincePing = false;

  constructor(
    private readonly session: Pick<Session, 'ws' | 'token' | 'isRefused' | 'renew'>,
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
    let opened = false;
    socket.addEventListener('open', () => {
      opened = true;
      this.attempts = 0;
      this.answered = true;
      this.listener.onState('open', 'live');
      this.ping();
      this.subscribe();
    });
    socket.addEventListener('message', ({ data }) => this.socket === socket && this.receive(String(data)));
    socket.addEventListener('close', () => this.socket === socket && this.reconnect(opened));
  }

  /** A refused token is renewed before the next attempt; attempts lie ever further apart, with full jitter. */
  private async reconnect(opened: boolean): Promise<void> {
    this.socket = undefined;
    this.attempts++;
    const wait = Math.random() * Math.min(RETRY_MS.most, RETRY_MS.least * 2 ** this.attempts);
    if (!opened && (await this.session.isRefused())) {
      this.listener.onState('refused', 'the token was refused');
      await this.session.renew().catch(() => undefined);
    } else {
      this.listener.onState('lost', `connection lost, trying again in ${Math.ceil(wait / 1_000)} s`);
    }
    setTimeout(() => this.connect(), wait);
  }

  private receive(text: string): void {
    const { data: message } = incoming.safeParse(JSON.parse(text));
    if (message?.type === 'snapshot') this.listener.onState('open', 'live');
    if (message?.type === 'snapshot' || message?.type === 'positions') this.listener.onFrame(message);
    if (message?.type === 'pong') this.takePong(message);
    if (message?.type === 'error') this.takeError(message);
  }

  private takePong({ serverTime, subscriptions }: z.infer<typeof serverMessages.pong>): void {
    this.answered = true;
    this.clockOffset = serverTime - (this.pingedAt + Date.now()) / 2;
    const forgotten = subscriptions !== undefined && !subscriptions.includes(SUBSCRIPTION);
    // What was subscribed after the ping may be in force by now.
    if (forgotten && !this.subscribedSincePing) this.subscribe();
  }

  private takeError({ id, code, detail, retryAfterSeconds }: z.infer<typeof serverMessages.error>): void {
    this.answered = true;
    if (code === 'subscriptions_lost') this.subscribe();
    else this.listener.onState(id === SUBSCRIPTION ? 'refused' : 'open', `${code}: ${detail}`);
    if (id === SUBSCRIPTION && retryAfterSeconds !== undefined)
      setTimeout(() => this.subscribe(), retryAfterSeconds * 1_000);
  }

  private subscribe(): void {
    if (!this.viewport) return;
    this.subscribedSincePing = true;
    this.send({ type: 'subscribe', id: SUBSCRIPTION, viewport: this.viewport });
  }

  /** A ping that was never answered means that the connection is half-open: it is given up. */
  private ping(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (!this.answered) {
      this.socket.close();
      void this.reconnect(true);
      return;
    }
    this.answered = false;
    this.subscribedSincePing = false;
    this.pingedAt = Date.now();
    this.send({ type: 'ping' });
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
