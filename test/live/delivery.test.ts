import { Delivery } from '../../lambdas/live/delivery';
import type { Outbox } from '../../lambdas/live/outbox';
import { ValkeyUnavailable } from '../../lambdas/platform/valkey';

const told = new Map([['map', { positions: [{ vehicle: 'v', time: 1, lat: 41, lon: -8 }], left: [] }]]);

/** An outbox that fails so often when something is offered, and has one client left over that nobody else will find. */
function outboxThatFails(times: number) {
  let left = ['c1'];
  let failures = times;
  return {
    due: async () => ({ connections: left.splice(0), promised: true }),
    offer: async (clients: ReadonlyMap<string, unknown>) => {
      if (failures-- > 0) throw new ValkeyUnavailable('away');
      return new Map([...clients.keys()].map((connection) => [connection, { kind: 'taken', told }]));
    },
    release: async () => false,
    owe: async () => undefined,
    promise: async () => undefined,
    leave: (connection: string) => {
      left = [connection];
    },
  };
}

function delivery(outbox: ReturnType<typeof outboxThatFails>) {
  const posts: string[] = [];
  const post = async (connection: string) => {
    posts.push(connection);
    return true;
  };
  const forget = async () => undefined;
  return { posts, of: new Delivery(outbox as unknown as Outbox, { post }, { forget }, 1) };
}

test('a client that was taken over is served after all when Valkey comes back while frames are flushed', async () => {
  const { posts, of } = delivery(outboxThatFails(2));
  await of.flush(Date.now() + 1_000);
  expect(posts).toEqual(['c1']);
});

test('a client that was taken over when Valkey failed is served with the next positions', async () => {
  const { posts, of } = delivery(outboxThatFails(1));
  await expect(of.deliver(new Map([['c2', new Map()]]))).rejects.toThrow(ValkeyUnavailable);
  await of.deliver(new Map());
  expect(posts.sort()).toEqual(['c1', 'c2']);
});
