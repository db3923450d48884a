import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { problemSchema } from '../../../lambdas/contract/errors';
import { operations } from '../../../lambdas/contract/operations';
import { leaks } from '../security/leaks';
import { logLines } from '../security/logs';
import type { StackClient } from '../stack';

/** The same inputs in every run, unless another seed is asked for; more of them with `WAYSTREAM_FUZZ_RUNS`. */
const seed = Number(process.env.WAYSTREAM_FUZZ_SEED ?? 20261121);
const factor = Number(process.env.WAYSTREAM_FUZZ_RUNS ?? 10_000) / 10_000;

/** Inputs that are sent at a time: few enough that no function is started ten times over. */
const AT_ONCE = 8;

/**
 * Tries so many inputs, some at a time. A run's are 10,000 and more, with those of `test/fuzz`. What fails is not made
 * smaller: a stack that is asked thousands of times more is no quicker to read than the input itself.
 * @param check throws where an input was not dealt with as it should
 */
export async function tryAll<T>(
  name: string,
  share: number,
  input: fc.Arbitrary<T>,
  check: (input: T) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  const rounds = Math.ceil((share * factor) / atOnce);
  console.log(`fuzz: ${rounds * atOnce} × ${name}, seed ${seed}`);
  const some = fc.array(input, { minLength: atOnce, maxLength: atOnce });
  await fc.assert(
    fc.asyncProperty(some, async (inputs) => {
      await Promise.all(inputs.map(check));
    }),
    { numRuns: rounds, seed, endOnFailure: true },
  );
}

export interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
}
export interface Received {
  status: number;
  type: string;
  text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
export const endConnections = () => agent.destroy();

/** Sends a request as it is, and once: a connection that the gateway cuts off is a failure. */
export function send(client: StackClient, { method, path, headers, body }: Sent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(client.place.api);
    const outgoing = request({ hostname, port, method, path, headers, agent }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          type: String(incoming.headers['content-type']),
          text: Buffer.concat(parts).toString('utf8'),
        }),
      );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** What the gateway answers itself, without asking a function: that a request's line and headers are too long. */
const ofGateway = ({ status, text }: Received) =>
  status === 431 && ['', '{"message":"Request Header Fields Too Large"}'].includes(text);

/** What is wrong with an answer: it is a success, or a problem that its operation names and that tells no internals. */
export function objections(received: Received, operationId: string): string[] {
  const { status, type, text } = received;
  const problems = operations.find(({ id }) => id === operationId)?.problems ?? {};
  if (status < 400) return status >= 200 ? [] : [`status ${status}`];
  if (ofGateway(received)) return [];
  const parsed = problemSchema.safeParse(fromJson(text));
  if (!parsed.success || type !== 'application/problem+json') return [`${status} is no problem document: ${text}`];
  // A path that no route has, where an id is empty or has a slash.
  const known = problems[status]?.includes(parsed.data.code) || parsed.data.code === 'no_such_path';
  return [...(known ? [] : [`${status} ${parsed.data.code} is not documented`]), ...leaks(text)];
}

export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Health {
  /** Bytes, by function. */
  heap: Record<string, number>;
  stackBytes: number;
  failures: number;
  givenUp: number;
}

/** How the stack is: what its functions hold, and what its consumers have given up on. */
export async function healthOf(client: StackClient): Promise<Health> {
  const status = await client.control('GET', 'status');
  const failures = await client.control('GET', 'failures');
  const heap = status.functions.map(
    ({ logicalId, instances }: { logicalId: string; instances: { heapBytes: number }[] }) => [
      logicalId,
      Math.max(0, ...instances.map(({ heapBytes }) => heapBytes)),
    ],
  );
  return {
    heap: Object.fromEntries(heap),
    stackBytes: status.memory.heapUsed,
    failures: failures.length,
    givenUp: status.mappings.reduce((sum: number, { givenUp }: { givenUp: number }) => sum + givenUp, 0),
  };
}

/** Lines of a stack's logs that a crash, a timeout or an unforeseen failure leaves. */
export const crashes = (stack: string) =>
  logLines(stack).filter(({ text: line }) =>
    /Runtime\.|Sandbox\.Timedout|Function\.\w+SizeTooLarge|request failed|"errorType"/.test(line),
  );
