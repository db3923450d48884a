import { get } from 'node:http';

const TIMEOUT_MS = 5_000;

/** The status of a GET, on a connection of its own so that none is left open to an engine that stops. */
export function httpStatus(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = get(url, { agent: false, timeout: TIMEOUT_MS }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    call.once('timeout', () => call.destroy(new Error('timeout')));
    call.once('error', reject);
  });
}
