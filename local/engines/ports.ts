import { createServer, type Server } from 'node:net';

// Below the range that systems hand out to outgoing connections, so that no such connection takes an engine's port
// while the engine is down between a kill and a restart.
const RANGE = { first: 20_000, last: 31_999 };
const ATTEMPTS = 50;

/** `WAYSTREAM_PORTS=20000-25999` keeps stacks that start at the same time from finding the same ports free. */
function range(): typeof RANGE {
  const [first, last] = (process.env.WAYSTREAM_PORTS ?? '').split('-').map(Number);
  return first && last ? { first, last } : RANGE;
}

/**
 * Distinct free ports of the loopback address. All are held until the last is found.
 * @throws Error where {@link ATTEMPTS} ports in a row are taken
 */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  try {
    while (held.length < count) held.push(await holdFree(ATTEMPTS));
    return held.map(portOf);
  } finally {
    await Promise.all(held.map(closed));
  }
}

/** A port that nobody else gets until it is released. */
export interface HeldPort {
  port: number;
  release(): Promise<void>;
}

/**
 * Holds a port of the loopback address: the one that is asked for, or a free one for 0.
 * @returns undefined where the port asked for is taken
 */
export async function holdPort(port: number): Promise<HeldPort | undefined> {
  const server = port === 0 ? await holdFree(ATTEMPTS) : await listening(port);
  return server && { port: portOf(server), release: () => closed(server) };
}

const closed = (server: Server): Promise<void> => new Promise((done) => server.close(() => done()));

async function holdFree(attempts: number): Promise<Server> {
  const { first, last } = range();
  if (attempts === 0) throw new Error(`no free port between ${first} and ${last}`);
  return (await listening(first + Math.floor(Math.random() * (last - first + 1)))) ?? holdFree(attempts - 1);
}

/** @returns a server that listens there; undefined where the port is taken */
function listening(port: number): Promise<Server | undefined> {
  // Whoever calls before the port is in use is turned away, or its call would have to end before the port is free.
  const server = createServer((socket) => socket.destroy());
  return new Promise((done) => {
    server.once('listening', () => done(server));
    server.once('error', () => done(undefined));
    server.listen(port, '127.0.0.1');
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the port was closed while it was held');
  return address.port;
}
