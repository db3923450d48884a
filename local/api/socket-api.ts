import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { messageUnits } from '../billing';
import { accessLog, type LogContext } from './access-log';
import type { ApiDefinition, Route } from './definition';
import { FrameWatch } from './frames';
import { SocketConnection } from './socket-connection';
import { type SocketContext, type SocketIdentity, socketContext, socketIdentity } from './socket-event';
import { type Admission, admit, isHandshake } from './socket-handshake';
import { integrate } from './socket-integration';
import { routeSelector } from './socket-routes';
import { stageThrottle } from './throttle';
import { withTimeout } from './timeout';
import type { Connections, GatewayDeps } from './types';

const stopWaitMs = 3_000;

/** Serves the template's WebSocket API. */
export class SocketApi implements Connections {
  private readonly routes: ReadonlyMap<string, Route>;
  private readonly select: (body: string) => string;
  private readonly allow: (routeKey: string, now: number) => boolean;
  private readonly writeLog: (context: LogContext) => void;
  private readonly open = new Map<string, SocketConnection>();
  private readonly subprotocols = new WeakMap<IncomingMessage, string>();
  private readonly disconnects = new Set<Promise<unknown>>();
  private readonly server: WebSocketServer;
  private handshakes = 0;
  private stopping = false;

  constructor(
    private readonly api: ApiDefinition,
    private readonly deps: GatewayDeps,
  ) {
    this.routes = new Map(api.routes.map((route) => [route.routeKey, route]));
    this.select = routeSelector(api.selectionExpression, this.routes);
    this.allow = stageThrottle(api.routes, api.throttle);
    this.writeLog = accessLog(api, deps, 'socket.access');
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: deps.limits.messageBytes,
      handleProtocols: (_, incoming) => this.subprotocols.get(incoming) ?? false,
    });
  }

  /** Takes a handshake: throttle, authorizer, `$connect`, then the upgrade. Never rejects. */
  async upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const identity = socketIdentity(incoming, Date.now());
    socket.on('error', () => socket.destroy());
    this.handshakes += 1;
    try {
      await this.connect(incoming, socket, head, identity);
    } catch (error) {
      this.deps.log('socket', `handshake: ${String(error)}`);
      refuse(socket, 500, Buffer.from('{"message":"Internal server error"}'));
    } finally {
      this.handshakes -= 1;
    }
  }

  post(connectionId: string, data: Buffer) {
    return this.open.get(connectionId)?.post(data) ?? 'gone';
  }

  delete(connectionId: string): boolean {
    const connection = this.open.get(connectionId);
    connection?.close(1000, 'Connection Closed Normally');
    return connection !== undefined;
  }

  get(connectionId: string) {
    return this.open.get(connectionId)?.info;
  }

  /** Ends every connection without a word. */
  drop(): void {
    for (const connection of this.open.values()) connection.terminate();
  }

  /** Tells every client 1001, waits for the `$disconnect` functions within bounds, and ends what is left. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const connection of this.open.values()) connection.close(1001, 'Going away');
    await withTimeout(this.drained(), stopWaitMs);
    for (const connection of this.open.values()) connection.terminate();
    await withTimeout(this.drained(), stopWaitMs);
    this.server.close();
  }

  private async drained(): Promise<void> {
    const until = Date.now() + stopWaitMs;
    while (this.open.size > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all(this.disconnects);
  }

  private async connect(incoming: IncomingMessage, socket: Duplex, head: Buffer, identity: SocketIdentity) {
    const context = socketContext(this.api, identity, '$connect', 'CONNECT', identity.connectedAt);
    const admission = await this.admission(incoming, context);
    this.logged(
      context,
      admission.ok ? { status: 200 } : { status: admission.status, 'error.message': admission.text },
    );
    if (!admission.ok) return refuse(socket, admission.status, gatewayFrame(admission.text, context));
    if (admission.subprotocol !== undefined) this.subprotocols.set(incoming, admission.subprotocol);
    const known = { ...identity, authorizer: context.authorizer };
    this.server.handleUpgrade(incoming, socket, head, (client) => this.opened(client, socket, known));
    // A client that left during its handshake has been connected for the functions, so it must be disconnected too.
    if (!this.open.has(known.connectionId)) this.disconnected(known, 1006, '');
  }

  private async admission(incoming: IncomingMessage, context: SocketContext): Promise<Admission> {
    if (!isHandshake(incoming)) return { ok: false, status: 400, text: 'Bad Request' };
    if (this.stopping) return { ok: false, status: 503, text: 'Service Unavailable' };
    const full = this.open.size + this.handshakes > this.deps.limits.connections;
    if (full || !this.allow('$connect', context.connectedAt)) {
      return { ok: false, status: 429, text: 'Too Many Requests' };
    }
    const route = this.routes.get('$connect');
    return route ? await admit(this.api, this.deps, route, incoming, context) : { ok: true, subprotocol: undefined };
  }

  private opened(client: WebSocket, socket: Duplex, identity: SocketIdentity): void {
    const connection = new SocketConnection(client, identity, this.deps.limits, {
      onMessage: (body) => this.message(connection, body),
      onTraffic: (direction, bytes) => this.meter('Message', messageUnits(direction, bytes)),
      onClose: (code, reason) => {
        this.open.delete(identity.connectionId);
        this.meter('ConnectionMinutes', { connectionMinutes: (Date.now() - identity.connectedAt) / 60_000 });
        this.disconnected(identity, code, reason);
      },
    });
    const frames = new FrameWatch(this.deps.limits.frameBytes);
    const watch = (chunk: Buffer) => {
      if (frames.accepts(chunk)) return;
      socket.off('data', watch);
      connection.close(1009, 'Frame too large');
    };
    socket.prependListener('data', watch);
    this.open.set(identity.connectionId, connection);
  }

  private async message(connection: SocketConnection, body: string): Promise<void> {
    const routeKey = this.select(body);
    const context = socketContext(this.api, connection.identity, routeKey, 'MESSAGE', Date.now());
    const reply = await this.reply(context, body);
    this.logged(context, reply.log);
    if (reply.data) await connection.answer(reply.data);
  }

  /** Runs the route's function. @returns what goes back to the client, if anything does */
  private async reply(context: SocketContext, body: string): Promise<{ data?: Buffer; log: LogContext }> {
    const say = (status: number, text: string, log: LogContext = {}) => ({
      data: gatewayFrame(text, context),
      log: { ...log, status, 'error.message': text },
    });
    const route = this.routes.get(context.routeKey);
    if (!route) return say(403, 'Forbidden');
    if (!this.allow(route.routeKey, context.requestTimeEpoch)) return say(429, 'Too Many Requests');
    const outcome = await integrate(this.deps, route, { requestContext: context, body, isBase64Encoded: false });
    const log = { integrationLatency: outcome.latencyMs };
    if (!outcome.ok) return say(outcome.status, outcome.text, log);
    const { statusCode: status, body: answer, isBase64Encoded } = outcome.answer;
    if (!route.answers || !answer) return { log: { ...log, status } };
    const data = Buffer.from(answer, isBase64Encoded ? 'base64' : 'utf8');
    if (data.length > this.deps.limits.messageBytes) return say(502, 'Internal server error', log);
    return { data, log: { ...log, status } };
  }

  private disconnected(identity: SocketIdentity, code: number, reason: string): void {
    const route = this.routes.get('$disconnect');
    if (!route) return;
    const context = socketContext(this.api, identity, '$disconnect', 'DISCONNECT', Date.now());
    const headers = { Host: identity.host, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
    const requestContext = { ...context, disconnectStatusCode: code, disconnectReason: reason };
    const done = integrate(this.deps, route, { headers, requestContext, isBase64Encoded: false })
      .then((outcome) => this.logged(context, { status: outcome.ok ? outcome.answer.statusCode : outcome.status }))
      .finally(() => this.disconnects.delete(done));
    this.disconnects.add(done);
  }

  private meter(action: string, units: Record<string, number>): void {
    this.deps.meter?.add({ service: 'apigateway', action, function: 'socket', units });
  }

  private logged(context: SocketContext, more: LogContext): void {
    const { identity, authorizer, ...plain } = context;
    const principalId = authorizer?.principalId;
    this.writeLog({
      ...plain,
      'identity.sourceIp': identity.sourceIp,
      'identity.userAgent': identity.userAgent,
      ...(principalId !== undefined && { 'authorizer.principalId': String(principalId) }),
      ...more,
    });
  }
}

/** What the gateway itself tells a client. */
function gatewayFrame(message: string, { connectionId, requestId }: SocketContext): Buffer {
  return Buffer.from(JSON.stringify({ message, connectionId, requestId }));
}

function refuse(socket: Duplex, status: number, body: Buffer): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
}
