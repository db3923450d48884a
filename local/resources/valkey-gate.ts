import { connect, createServer, type Server, type Socket } from 'node:net';

/** What is wrong with the way to the cache: `silent` accepts and never answers, a delay holds up each answer. */
export type GateFault = 'silent' | { delayMs: number };

export interface GateOptions {
  /** where the cache's engine listens */
  target: { host: string; port: number };
  /**
   * Whether a connection may sign in, asked once for each.
   * @param user who signs in
   */
  admit(user: string): boolean;
}

/** As ElastiCache answers whoever may not connect. Source: Valkey, `AUTH`, whose words ElastiCache keeps for IAM. */
const refused = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';
const unnamed = '-NOAUTH Authentication required.\r\n';

/** Bytes in which a sign-in must be complete. */
const signInBytes = 8 * 1024;

/**
 * One function's way to the cache: a port of its own, at which each connection is asked for `elasticache:Connect` when
 * it signs in. From then on bytes pass unread.
 */
export class ValkeyGate {
  /** Set to have connections suffer it, those that are open too; a delay is of the engine's answers. */
  fault: GateFault | undefined;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly options: GateOptions) {
    this.server = createServer({ noDelay: true }, (client) => this.receive(client));
  }

  /** Opens a gate on a free port of the loopback address. */
  static async open(options: GateOptions): Promise<ValkeyGate> {
    const gate = new ValkeyGate(options);
    await new Promise<void>((resolve, reject) => {
      gate.server.once('error', reject);
      gate.server.listen(0, '127.0.0.1', resolve);
    });
    return gate;
  }

  get port(): number {
    const address = this.server.address();
    if (typeof address !== 'object' || !address) throw new Error('The gate is closed');
    return address.port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private receive(client: Socket): void {
    this.keep(client);
    let first = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      if (this.fault === 'silent') return;
      first = Buffer.concat([first, chunk]);
      const command = firstCommand(first);
      if (command === undefined) return;
      client.off('data', read);
      const user = userOf(command);
      if (user === undefined) client.end(unnamed);
      else if (!this.options.admit(user)) client.end(refused);
      else this.join(client, first);
    };
    client.on('data', read);
  }

  private join(client: Socket, first: Buffer): void {
    const engine = connect({ ...this.options.target, noDelay: true });
    this.keep(engine);
    engine.write(first);
    this.pass(client, engine, () => 0);
    this.pass(engine, client, ({ delayMs }) => delayMs);
  }

  /** Hands bytes on, no faster than they are taken. */
  private pass(from: Socket, to: Socket, delay: (fault: { delayMs: number }) => number): void {
    from.on('data', (chunk) => {
      const { fault } = this;
      if (fault === 'silent') return;
      if (fault) setTimeout(() => to.writable && to.write(chunk), delay(fault));
      else if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => to.end());
    from.on('close', () => to.end());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
  }
}

/**
 * The words of the first command of a connection. Source: "Redis serialization protocol specification", arrays of bulk
 * strings.
 * @returns undefined while it is not there to its end, [] for what is no such command
 */
function firstCommand(bytes: Buffer): readonly string[] | undefined {
  const lines = bytes.toString('latin1').split('\r\n');
  const words = Number(/^\*(\d+)$/.exec(lines[0] ?? '')?.[1] ?? 0);
  const whole = lines.length > words * 2 + 1;
  if (!whole && bytes.length < signInBytes) return undefined;
  return whole ? lines.slice(1, words * 2 + 1).filter((_, index) => index % 2 === 1) : [];
}

/** Who signs in by `AUTH user password` or `HELLO 3 AUTH user password`. */
function userOf(command: readonly string[]): string | undefined {
  const [name = '', , option = ''] = command.map((word) => word.toUpperCase());
  if (name === 'AUTH' && command.length === 3) return command[1];
  return name === 'HELLO' && option === 'AUTH' ? command[3] : undefined;
}
