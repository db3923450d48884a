import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Point } from '../../client/src/point';
import { pointSchema } from '../../lambdas/contract/position';
import { deviceReportSchema } from '../../lambdas/contract/reports';

/** What a test has the server answer in place of its own answer. */
export interface Scripted {
  status: number;
  body?: object;
  headers?: Record<string, string>;
  /** Takes the points in, and then answers so: an answer that is lost on its way. */
  afterTaking?: boolean;
  /** Cuts the connection in place of an answer. */
  cut?: boolean;
}

/** One request as it came. */
export interface Came {
  at: number;
  method: string;
  path: string;
  token: string | undefined;
  points: Point[];
  body: string;
}

/** An API in memory, over real HTTP: a point is known by its task and time, the first one stays. */
export class MemoryServer {
  /** By `task/time`: how often it was taken in. */
  readonly taken = new Map<string, { point: Point; times: number }>();
  readonly came: Came[] = [];
  /** Answers in place of its own, for the next requests for positions. */
  readonly script: Scripted[] = [];
  /** Asked for each request for positions that nothing is scripted for. */
  fault: () => Scripted | undefined = () => undefined;
  /** Answers for other paths. */
  readonly routes = new Map<string, (came: Came) => Scripted>();
  /** Tokens that are refused. */
  readonly refusedTokens = new Set<string>();
  mostInFlight = 0;
  private inFlight = 0;

  private constructor(
    private readonly server: Server,
    private readonly now: () => number,
  ) {}

  static async open(now: () => number = Date.now): Promise<MemoryServer> {
    const server = createServer();
    const made = new MemoryServer(server, now);
    server.on('request', (request, response) => void made.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Points of a task as they are kept, in order of time. */
  track(task = ''): Point[] {
    return [...this.taken]
      .filter(([key]) => key.startsWith(`${task}/`))
      .map(([, { point }]) => point)
      .sort((a, b) => a.time - b.time);
  }

  get posts(): Came[] {
    return this.came.filter(({ path }) => path === '/v1/positions');
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { method = '', url = '' } = request;
    const token = request.headers.authorization?.replace('Bearer ', '');
    const came: Came = { at: this.now(), method, path: url, token, points: [], body };
    this.came.push(came);
    if (url === '/v1/positions') return this.report(came, response);
    const route = this.routes.get(url.split('?')[0] ?? '');
    if (route) return reply(response, route(came));
    if (url === '/v1/health') return reply(response, { status: 200, body: { status: 'ok', serverTime: this.now() } });
    reply(response, { status: 404, body: { code: 'not_found', detail: url } });
  }

  private async report(came: Came, response: ServerResponse): Promise<void> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    // The answer takes a turn, so that a second request could come in between.
    await new Promise((resolve) => setImmediate(resolve));
    this.inFlight -= 1;
    if (this.refusedTokens.has(came.token ?? '')) return reply(response, { status: 401, body: { code: 'token' } });
    const scripted = this.script.shift() ?? this.fault();
    if (scripted && !scripted.afterTaking) return reply(response, scripted);
    const own = this.take(came);
    reply(response, scripted ?? own);
  }

  private take(came: Came): Scripted {
    const { points = [], taskId = '', ...rest } = JSON.parse(came.body);
    deviceReportSchema.omit({ points: true }).parse(taskId === '' ? rest : { ...rest, taskId });
    came.points = points;
    const refused = points.flatMap((point: Point, index: number) => {
      const code = !pointSchema.safeParse(point).success
        ? 'out_of_range'
        : point.time > this.now() + 120_000
          ? 'time_in_future'
          : '';
      return code === '' ? [] : [{ pointer: `/points/${index}/time`, code, detail: 'No.' }];
    });
    const bad = new Set(refused.map(({ pointer }: { pointer: string }) => Number(pointer.split('/')[2])));
    points.forEach((point: Point, index: number) => {
      if (bad.has(index)) return;
      const key = `${taskId}/${point.time}`;
      const known = this.taken.get(key);
      this.taken.set(key, { point: known?.point ?? point, times: (known?.times ?? 0) + 1 });
    });
    const receipt = { accepted: points.length - bad.size, refused, serverTime: this.now() };
    return bad.size === points.length
      ? { status: 422, body: { code: 'nothing_valid', ...receipt } }
      : { status: 202, body: receipt };
  }
}

function reply(response: ServerResponse, { status, body = {}, headers = {}, cut }: Scripted): void {
  if (cut) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
