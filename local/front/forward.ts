import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as send } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AwsError, type Call } from './call';
import type { Outgoing } from './listener';

const agent = new Agent({ keepAlive: true, maxSockets: 128, keepAliveMsecs: 10_000 });

/** Headers that belong to one connection, not to the message. HTTP/2 names start with a colon. */
const connectionHeaders = /^(:|connection$|keep-alive$|transfer-encoding$|upgrade$|expect$|http2-settings$|host$)/;

/**
 * Sends a call on to an engine.
 * @param body the bytes to send, or nothing to stream the caller's
 * @throws AwsError 503 when the engine does not answer
 */
export async function forward(
  engine: string,
  call: Call,
  body?: Buffer,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  try {
    return await attempt(engine, call, body, signal);
  } catch (error) {
    // A kept connection may have been closed by the engine in the meantime: that is no answer, so ask once more.
    const stale = error instanceof StaleConnection && body !== undefined;
    if (!stale) throw unavailable(error);
    return attempt(engine, call, body, signal).catch((again: unknown) => {
      throw unavailable(again);
    });
  }
}

/** Passes an engine's answer on as it is. @returns bytes of its body */
export async function relay(answer: IncomingMessage, response: Outgoing): Promise<number> {
  response.writeHead(answer.statusCode ?? 502, passed(answer.headers));
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await pipeline(answer, response);
  return bytes;
}

/** Headers without those of the connection. */
export function passed(headers: OutgoingHttpHeaders | Call['request']['headers']): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionHeaders.test(name)));
}

class StaleConnection extends Error {}

function attempt(engine: string, call: Call, body: Buffer | undefined, signal?: AbortSignal): Promise<IncomingMessage> {
  const { 'x-amz-security-token': _, ...headers } = passed(call.request.headers);
  if (body) headers['content-length'] = body.length;
  return new Promise((resolve, reject) => {
    const sending = send(new URL(call.url, engine), { method: call.method, headers, agent, ...(signal && { signal }) });
    sending.once('response', resolve);
    sending.once('error', (error) => reject(sending.reusedSocket ? new StaleConnection(error.message) : error));
    if (body) sending.end(body);
    else pipeline(call.request, sending).catch(reject);
  });
}

function unavailable(error: unknown): AwsError {
  const reason = error instanceof Error ? error.message : String(error);
  return new AwsError(503, 'ServiceUnavailable', `The service is not available: ${reason}`);
}

/** Closes the connections that are kept to engines. */
export function closeConnections(): void {
  agent.destroy();
}
