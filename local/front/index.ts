import type { Connections } from '../api/types';
import { accountId, type Log, type Meter, region, rootCredentials } from '../model';
import type { CreatedObject, EventRules } from '../resources/events';
import { AwsError, type Call, type Service } from './call';
import { writeError } from './errors';
import { EngineFaults } from './faults';
import { closeConnections } from './forward';
import type { Guard } from './guard';
import { type Caller, type Credentials, Keys } from './keys';
import { type Incoming, type Listener, listen, type Outgoing } from './listener';
import type { Denial } from './permissions';
import { open, receive } from './receive';
import { type Context, type Engine, handlers } from './services';
import { writesStream } from './writes';

export type { Caller } from './keys';

export interface FrontOptions {
  meter: Meter;
  log: Log;
  /** answers paths below `/_local/`; @returns false when there is no such path */
  control(request: Incoming, response: Outgoing): Promise<boolean>;
}

/**
 * The AWS endpoint of the local stack, in front of the engines. A request's signature names the service and the
 * caller, and is verified; what the caller's policies allow is counted in the meter and passed on.
 */
export class Front {
  readonly faults = new EngineFaults();
  private readonly keys = new Keys();
  private readonly engines = new Map<Engine, string>();
  private readonly delays = new Map<Service, number>();
  private connections: Connections | undefined;
  private created: (object: CreatedObject) => void = () => undefined;
  private written: (service: Service, body: Buffer) => void = () => undefined;
  private guard: Guard | undefined;
  private listener: Listener | undefined;

  constructor(private readonly options: FrontOptions) {
    this.keys.add({ name: 'root', arn: `arn:aws:iam::${accountId}:root`, userId: accountId }, rootCredentials);
  }

  async start(port = 0): Promise<void> {
    this.listener = await listen(port, (request, response) => {
      this.handle(request, response).catch((error: unknown) => this.options.log('front', String(error)));
    });
  }

  get port(): number {
    if (!this.listener) throw new Error('The endpoint has not started');
    return this.listener.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Lets whoever signs with these credentials call, as far as their policies allow. */
  addCaller(caller: Caller, credentials: Credentials): void {
    this.keys.add(caller, credentials);
  }

  /** From now on callers with a role may do what it allows; until then they are not let in. */
  setGuard(guard: Guard): void {
    this.guard = guard;
  }

  /** What roles were denied since the start, each once. */
  get denials(): Denial[] {
    return this.guard?.denials ?? [];
  }

  setEngine(engine: Engine, url: string): void {
    this.engines.set(engine, url);
  }

  setConnections(connections: Connections): void {
    this.connections = connections;
  }

  /** Who wants to know of each object that is put. */
  setEvents(events: Pick<EventRules, 'created'>): void {
    this.created = (object) => events.created(object);
  }

  /** Who wants to know of each write to a table or a stream, whether or not it succeeded. */
  setWritten(written: (service: Service, body: Buffer) => void): void {
    this.written = written;
  }

  /** Answers of a service wait for so long: a fault to test with. @param milliseconds 0 ends it */
  delay(service: Service, milliseconds: number): void {
    this.delays.set(service, milliseconds);
  }

  async stop(): Promise<void> {
    await this.listener?.close();
    closeConnections();
  }

  private async handle(request: Incoming, response: Outgoing): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    let service: Service | undefined;
    try {
      if (request.url?.startsWith('/_local/')) return await this.controlled(request, response);
      const opened = open(request);
      service = opened.service;
      const call = await receive(request, opened, this.keys, region, Date.now());
      this.guarded(call).check(call);
      await wait(this.delays.get(call.service) ?? 0, gone.signal);
      await this.faults.strike(call.service, gone.signal);
      try {
        await handlers[call.service](call, response, this.context(call, gone.signal));
      } finally {
        // A write that got no answer may have been taken all the same.
        if (writesStream(call)) this.written(call.service, call.body);
      }
    } catch (error) {
      if (gone.signal.aborted) return;
      if (!(error instanceof AwsError)) this.options.log('front', `${service ?? 'request'}: ${String(error)}`);
      writeError(
        response,
        service,
        error instanceof AwsError ? error : new AwsError(500, 'InternalFailure', 'Internal failure'),
      );
    }
  }

  private async controlled(request: Incoming, response: Outgoing): Promise<void> {
    // Browsers send Origin with what a page posts; no page may steer the stack.
    const refused = request.headers.origin !== undefined;
    if (refused || !(await this.options.control(request, response))) {
      response.writeHead(refused ? 403 : 404);
      response.end();
    }
  }

  private guarded({ caller }: Call): Pick<Guard, 'check' | 'require' | 'role'> {
    if (this.guard) return this.guard;
    if (!caller.role) return { check: () => undefined, require: () => undefined, role: () => undefined };
    throw new AwsError(503, 'ServiceUnavailable', 'The permissions are not read yet');
  }

  private context(call: Call, signal: AbortSignal): Context {
    const { service, caller } = call;
    return {
      signal,
      engine: (name) => {
        const url = this.engines.get(name);
        if (url === undefined) throw new AwsError(503, 'ServiceUnavailable', `The local stack runs without ${name}`);
        return url;
      },
      count: (action, units) => this.options.meter.add({ service, action, function: caller.name, units }),
      connections: () => {
        if (!this.connections) throw new AwsError(503, 'ServiceUnavailable', 'The WebSocket API is not up yet');
        return this.connections;
      },
      created: (object) => this.created(object),
      sts: () => {
        const guard = this.guarded(call);
        return {
          keys: this.keys,
          role: (arn) => guard.role(arn),
          require: (access) => guard.require(call, access),
          now: Date.now(),
        };
      },
    };
  }
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> | undefined {
  if (milliseconds <= 0) return undefined;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
