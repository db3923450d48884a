import type { IncomingMessage } from 'node:http';

/**
 * Reads a request's body, never more than the limit.
 * @returns 'too-large' as soon as that is known; the rest is thrown away as it comes, so that the answer gets through
 */
export async function readBody(incoming: IncomingMessage, limitBytes: number): Promise<Buffer | 'too-large'> {
  if (Number(incoming.headers['content-length'] ?? 0) > limitBytes) {
    incoming.resume();
    return 'too-large';
  }
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limitBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve('too-large');
      }
    });
    incoming.on('end', () => resolve(Buffer.concat(chunks)));
    incoming.on('error', reject);
  });
}
