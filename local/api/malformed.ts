import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a client may go on sending what is not read any more (ms). */
const DRAIN_MS = 2_000;

/** Errors of Node's parser and timers that have a status of their own; any other is a 400. Source: Node's `http` module. */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers what is no request of HTTP, or one with too long a line or headers. The connection is closed for writing only,
 * and what still comes is read and thrown away: closed at once, with bytes unread, it would be reset, and the client
 * would see the reset in place of the answer.
 */
export function answerMalformed(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // The parser fails again with every further piece of the same request.
    if (socket.writableEnded) return;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = statuses[error.code ?? ''] ?? 400;
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    const limit = setTimeout(() => socket.destroy(), DRAIN_MS);
    socket.once('close', () => clearTimeout(limit));
  });
}
