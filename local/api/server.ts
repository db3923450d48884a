import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TemplateError } from '../model';
import { consoleSite } from './console';
import { apiDefinition } from './definition';
import { HttpApi } from './http-api';
import { type HttpAnswer, message } from './http-response';
import { openIssuer } from './issuer';
import { localAnswer } from './local-routes';
import { answerMalformed } from './malformed';
import { SocketApi } from './socket-api';
import { withTimeout } from './timeout';
import { type ApiOptions, awsLimits, type GatewayDeps, PortInUse, type RunningApi } from './types';

const stopWaitMs = 3_000;

/**
 * Starts the template's HTTP API (`/v1/…`), WebSocket API (`/ws`), the user pool's issuer and the console on one
 * listener, so that a browser has one origin.
 * @throws PortInUse, or TemplateError for a resource that the gateways can't serve as AWS would
 */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { host = '127.0.0.1', resources } = options;
  const server = createServer({ keepAliveTimeout: 60_000 });
  const port = await listen(server, options.port, host);
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    const issuer = await openIssuer(resources, `http://${address}`, options.dataDir);
    const deps: GatewayDeps = { ...options, issuer, limits: { ...awsLimits, ...options.limits } };
    const { sockets, shut, stop } = serve(server, options, deps);
    return {
      api: `http://${address}`,
      ws: `ws://${address}/ws`,
      console: `http://${address}/`,
      issuer: issuer?.url,
      connections: sockets,
      mint: async (sub, roles, ttlSeconds) => {
        if (!issuer) throw new TemplateError('The template has no user pool');
        return await issuer.mint(sub, roles, ttlSeconds);
      },
      shut,
      reopen: async () => {
        await listen(server, port, host);
      },
      stop,
    };
  } catch (error) {
    server.close();
    throw error;
  }
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUse(port) : error);
    });
    server.listen(port, host, resolve);
  });
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function serve(server: Server, options: ApiOptions, deps: GatewayDeps) {
  const httpDefinition = apiDefinition(options.resources, 'HTTP');
  const socketDefinition = apiDefinition(options.resources, 'WEBSOCKET');
  if (!httpDefinition || !socketDefinition) throw new TemplateError('The template lacks an HTTP or a WebSocket API');
  const http = new HttpApi(httpDefinition, deps);
  const sockets = new SocketApi(socketDefinition, deps);
  const site = consoleSite(options.webRoot, options.resources);
  const answer = async (incoming: IncomingMessage): Promise<HttpAnswer> => {
    const path = (incoming.url ?? '/').split('?')[0] ?? '/';
    if (path === '/v1' || path.startsWith('/v1/')) return await http.handle(incoming);
    return (await localAnswer(incoming, path, deps.issuer)) ?? (await site(incoming.method ?? 'GET', path));
  };
  // Beyond the sockets that the gateway counts itself there is as much room for plain requests.
  server.maxConnections = 2 * deps.limits.connections;
  server.on('request', (incoming, response) => void respond(incoming, response, answer, options.log));
  answerMalformed(server);
  server.on('upgrade', (incoming, socket, head) => {
    if ((incoming.url ?? '').split('?')[0] === '/ws') void sockets.upgrade(incoming, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  const shut = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    sockets.drop();
    server.closeAllConnections();
    await withTimeout(closed, stopWaitMs);
  };
  const stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await sockets.stop();
    server.closeIdleConnections();
    await withTimeout(closed, stopWaitMs);
    server.closeAllConnections();
    await closed;
  };
  return { sockets, shut, stop };
}

async function respond(
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: (incoming: IncomingMessage) => Promise<HttpAnswer>,
  log: ApiOptions['log'],
): Promise<void> {
  try {
    write(response, await answer(incoming));
  } catch (error) {
    // A header that Node refuses to send, or a client that left in the middle of its body.
    log('api', `${incoming.method}: ${String(error)}`);
    if (response.headersSent) response.destroy();
    else write(response, message(500, 'Internal Server Error'));
  }
}

function write(response: ServerResponse, answer: HttpAnswer): void {
  const bodiless = answer.status === 204 || answer.status === 304;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(!bodiless && { 'content-length': answer.body.length }),
    ...(answer.cookies.length > 0 && { 'set-cookie': [...answer.cookies] }),
  });
  response.end(bodiless ? undefined : answer.body);
}
