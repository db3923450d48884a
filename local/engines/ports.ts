import { createServer, type Server } from 'node:net';

// Below the range that systems hand out to outgoing connections, so that no such connection takes an engine's port
// while the engine is down between a kill and a restart.
const FIRST = 20_000;
const COUNT = 12_000;
const ATTEMPTS = 50;

/**
 * Distinct free ports of the loopback address. All are held until the last is found.
 * @throws Error where {@link ATTEMPTS} ports in a row are taken
 */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  try {
    while (held.length < count) held.push(await holdPort(ATTEMPTS));
    return held.map(portOf);
  } finally {
    await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  }
}

async function holdPort(attempts: number): Promise<Server> {
  if (attempts === 0) throw new Error(`no free port between ${FIRST} and ${FIRST + COUNT}`);
  const server = createServer();
  const listening = new Promise<boolean>((done) => {
    server.once('listening', () => done(true));
    server.once('error', () => done(false));
  });
  server.listen(FIRST + Math.floor(Math.random() * COUNT), '127.0.0.1');
  return (await listening) ? server : holdPort(attempts - 1);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the port was closed while it was held');
  return address.port;
}
