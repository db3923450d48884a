import { createServer as createHttp1, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** What the requests of both versions of HTTP have in common. */
export type Incoming = Readable & {
  headers: IncomingHttpHeaders;
  method?: string | undefined;
  url?: string | undefined;
};
export type Outgoing = Writable & {
  headersSent: boolean;
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown;
};

export interface Listener {
  port: number;
  close(): Promise<void>;
}

/** What a client of HTTP/2 sends first. Source: RFC 9113, section 3.4. */
const preface = Buffer.from('PRI * HTTP/2.0');

/**
 * Listens on loopback for HTTP/1.1 and for HTTP/2 without TLS ("prior knowledge"), which an SDK's Kinesis client
 * speaks, on one port: the first bytes of a connection tell which it is.
 */
export async function listen(port: number, handle: (request: Incoming, response: Outgoing) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const http1 = createHttp1({ keepAliveTimeout: 60_000, requestTimeout: 0 }, handle);
  const http2 = createHttp2(handle);
  http2.on('sessionError', () => undefined);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    // Read by hand: a flowing socket would race with the server that takes it over.
    socket.once('readable', () => {
      const first: unknown = socket.read();
      if (!Buffer.isBuffer(first)) return;
      socket.unshift(first);
      const head = first.subarray(0, preface.length);
      (preface.subarray(0, head.length).equals(head) ? http2 : http1).emit('connection', socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
