import { Agent, request } from 'node:http';
import { z } from 'zod';

/** A refusal by an engine: its own error type and message. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(`${type}: ${message}`);
  }
}

const refusal = z.object({
  __type: z.string().default('Unknown'),
  message: z.string().optional(),
  Message: z.string().optional(),
});

const targets = {
  dynamodb: { prefix: 'DynamoDB_20120810', version: '1.0' },
  streams: { prefix: 'DynamoDBStreams_20120810', version: '1.0' },
  kinesis: { prefix: 'Kinesis_20131202', version: '1.1' },
} as const;

/**
 * Calls an engine's JSON protocol, past the front: what the stack itself does is not a function's call.
 * @throws EngineError when the engine refuses, the connection's error when it does not answer
 */
export async function callEngine<T>(
  url: string,
  service: keyof typeof targets,
  action: string,
  body: Record<string, unknown>,
  answer: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { status, text } = await post(url, headersOf(service, action), JSON.stringify(body), signal);
  if (status === 200) return answer.parse(text === '' ? {} : JSON.parse(text));
  throw refused(text, status);
}

function headersOf(service: keyof typeof targets, action: string): Record<string, string> {
  const { prefix, version } = targets[service];
  const scope = `20250101/eu-central-1/${service === 'kinesis' ? service : 'dynamodb'}/aws4_request`;
  return {
    'content-type': `application/x-amz-json-${version}`,
    'x-amz-target': `${prefix}.${action}`,
    'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
    // The engines look at the form of a signature, not at its truth.
    authorization: `AWS4-HMAC-SHA256 Credential=LOCAL/${scope}, SignedHeaders=host, Signature=0`,
  };
}

const agent = new Agent({ keepAlive: true });

/** `fetch` would leave a listener at the signal for each call of a poller that lives as long as the stack. */
function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal | undefined,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers, agent, ...(signal && { signal }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    sending.once('error', reject);
    sending.end(body);
  });
}

/** Closes the connections that are kept to engines. */
export function closeEngineConnections(): void {
  agent.destroy();
}

function refused(text: string, status: number): EngineError {
  const parsed = text.startsWith('{') ? refusal.safeParse(JSON.parse(text)) : undefined;
  if (!parsed?.success) return new EngineError(`HTTP ${status}`, text.slice(0, 200));
  const { __type: type, message, Message } = parsed.data;
  return new EngineError(type.split('#').at(-1) ?? type, message ?? Message ?? '');
}
