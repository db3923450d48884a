import type { Connections } from '../api/types';
import { accountId, type Log, type Meter } from '../model';
import { AwsError, type Call, type Caller, credentialOf, type Service, services } from './call';
import { writeError } from './errors';
import { closeConnections } from './forward';
import { type Incoming, type Listener, listen, type Outgoing } from './listener';
import { type Context, type Engine, handlers } from './services';

export type { Caller } from './call';

/** The key of whoever runs the stack: it may do everything, as the root user of an account. */
export const rootCredentials = { accessKeyId: 'LOCALROOT00000000000', secretAccessKey: 'local' } as const;

export interface FrontOptions {
  meter: Meter;
  log: Log;
  /** answers paths below `/_local/`; @returns false when there is no such path */
  control(request: Incoming, response: Outgoing): Promise<boolean>;
}

/**
 * The AWS endpoint of the local stack, in front of the engines. A request's signature names the service and the
 * caller; each call is counted in the meter and passed on.
 */
export class Front {
  private readonly callers = new Map<string, Caller>();
  private readonly engines = new Map<Engine, string>();
  private readonly delays = new Map<Service, number>();
  private connections: Connections | undefined;
  private listener: Listener | undefined;

  constructor(private readonly options: FrontOptions) {
    const { accessKeyId } = rootCredentials;
    this.callers.set(accessKeyId, { name: 'root', arn: `arn:aws:iam::${accountId}:root`, accessKeyId });
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

  /** Lets whoever signs with this key call. */
  addCaller(caller: Caller): void {
    this.callers.set(caller.accessKeyId, caller);
  }

  setEngine(engine: Engine, url: string): void {
    this.engines.set(engine, url);
  }

  setConnections(connections: Connections): void {
    this.connections = connections;
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
    response.once('close', () => gone.abort());
    let service: Service | undefined;
    try {
      if (request.url?.startsWith('/_local/')) return await this.controlled(request, response);
      const call = this.identify(request);
      service = call.service;
      await wait(this.delays.get(service) ?? 0, gone.signal);
      await handlers[service](call, response, this.context(call, gone.signal));
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

  /** @throws AwsError when the request is unsigned or signed by someone unknown */
  private identify(request: Incoming): Call {
    const credential = credentialOf(request);
    if (!credential) throw new AwsError(403, 'MissingAuthenticationToken', 'The request is not signed');
    const service = services.find((known) => known === credential.service);
    if (!service) throw new AwsError(400, 'UnknownService', `${credential.service} is not served locally`);
    const caller = this.callers.get(credential.accessKeyId);
    if (!caller) {
      throw new AwsError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
    return { service, caller, request, method: request.method ?? 'GET', url: request.url ?? '/' };
  }

  private context({ service, caller }: Call, signal: AbortSignal): Context {
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
