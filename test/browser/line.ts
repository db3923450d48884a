import { connect, createServer, type Socket } from 'node:net';

/** A line to a port of this machine that can be cut. */
export interface Line {
  port: number;
  /** Ends all that goes through it now; what comes later goes through again. @returns how many were cut */
  cut(): number;
  close(): void;
}

/** Opens a line to `target` on the loopback address. */
export function openLine(target: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) keep(socket);
    near.pipe(far).pipe(near);
  });
  const cut = () => {
    const ends = [...sockets];
    for (const socket of ends) socket.destroy();
    return ends.length / 2;
  };
  const close = () => {
    server.close();
    cut();
  };
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address ? address.port : 0, cut, close });
    });
  });
}
