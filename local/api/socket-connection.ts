import type { WebSocket } from 'ws';
import type { SocketIdentity } from './socket-event';
import type { ConnectionInfo, Limits, PostResult } from './types';

export interface ConnectionEvents {
  /** Deals with one message to the end, its answer written. Never rejects. */
  onMessage(body: string): Promise<void>;
  onClose(code: number, reason: string): void;
  /** called with the size of each message: `in` comes from the client */
  onTraffic(direction: 'in' | 'out', bytes: number): void;
}

/**
 * One client. Its messages run concurrently, as on AWS, so their answers may change places; but only a bounded number
 * at a time: the rest waits in the socket, and a client that does not read its answers stops being read from.
 */
export class SocketConnection {
  private lastActiveAt: number;
  private running = 0;
  private readonly waiting: string[] = [];
  private idleTimer: NodeJS.Timeout | undefined;
  private readonly endTimer: NodeJS.Timeout;
  private refused = false;

  constructor(
    private readonly socket: WebSocket,
    readonly identity: SocketIdentity,
    private readonly limits: Limits,
    private readonly events: ConnectionEvents,
  ) {
    this.lastActiveAt = identity.connectedAt;
    this.endTimer = setTimeout(() => this.close(1001, 'Going away'), limits.durationMs);
    this.watchIdle(limits.idleMs);
    socket.on('message', (data: Buffer, isBinary: boolean) => this.receive(data, isBinary));
    // The library closes with the right code by itself (1009, 1007, 1002); an error needs no more.
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      clearTimeout(this.endTimer);
      clearTimeout(this.idleTimer);
      this.waiting.length = 0;
      events.onClose(code, reason.toString());
    });
  }

  get info(): ConnectionInfo {
    const { connectedAt, sourceIp, userAgent } = this.identity;
    return { connectedAt, lastActiveAt: this.lastActiveAt, identity: { sourceIp, userAgent } };
  }

  /** A message from the service. It is refused while too much waits for a slow client, as AWS does (429). */
  post(data: Buffer): PostResult {
    if (this.socket.readyState !== this.socket.OPEN) return 'gone';
    if (data.length > this.limits.messageBytes) return 'too-large';
    if (this.socket.bufferedAmount + data.length > this.limits.sendBufferBytes) return 'throttled';
    void this.answer(data);
    return 'ok';
  }

  /** Sends, and waits until it has left this process or the client is gone. */
  async answer(data: Buffer): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.active('out', data.length);
    await new Promise<void>((resolve) => this.socket.send(data, { binary: false }, () => resolve()));
  }

  close(code: number, reason: string): void {
    this.refused = true;
    this.socket.close(code, reason);
  }

  terminate(): void {
    this.socket.terminate();
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (this.refused) return;
    // API Gateway has no binary messages: "closes the connection with code 1003".
    if (isBinary) {
      this.close(1003, 'Binary frames are not supported');
      return;
    }
    this.active('in', data.length);
    this.waiting.push(data.toString('utf8'));
    this.next();
  }

  private next(): void {
    while (this.running < this.limits.concurrentMessages) {
      const body = this.waiting.shift();
      if (body === undefined) break;
      this.running += 1;
      void this.events.onMessage(body).finally(() => {
        this.running -= 1;
        this.next();
      });
    }
    if (this.running < this.limits.concurrentMessages) this.socket.resume();
    else this.socket.pause();
  }

  private active(direction: 'in' | 'out', bytes: number): void {
    this.lastActiveAt = Date.now();
    this.events.onTraffic(direction, bytes);
  }

  /** Only messages keep a connection; pings of the protocol do not. */
  private watchIdle(afterMs: number): void {
    this.idleTimer = setTimeout(() => {
      const left = this.lastActiveAt + this.limits.idleMs - Date.now();
      if (left <= 0) this.close(1001, 'Going away');
      else this.watchIdle(left);
    }, afterMs);
  }
}
