import { parseBody } from '../contract/errors';
import { socketSearchSchema } from '../contract/socket';
import { readEnvironment } from '../platform/environment';
import { Connections, socketHandler } from '../platform/socket';
import { byPartition, type Found } from './by-partition';
import { searchSocketEnv } from './env';
import { newFinder, noDomain, toAnswer } from './finder';
import { type Search, toSearch } from './request';
import { splitBySize } from './split';

const env = readEnvironment(searchSocketEnv);
const finder = newFinder(env);
const connections = new Connections(env.SOCKET_ENDPOINT);

/** A frame is billed by 32 KB; this leaves room for what stands around the positions. */
const FRAME_BYTES = 31_000;

/** What a partition has, as frames. */
function toFrames(id: string, search: Search, { partition: { city, day, tier }, hits }: Found): object[] {
  const positions = hits.map((hit) => toAnswer(search, hit));
  return splitBySize(positions, FRAME_BYTES).map((part) => ({
    type: 'partition',
    id,
    partition: { city, day, tier },
    positions: part,
  }));
}

/** Posts what each partition has as it is found, then answers `done`; stops where the client is gone. */
export const handler = socketHandler(async (message, { connectionId, identity }) => {
  const { type: _, id, ...query } = parseBody(socketSearchSchema, message);
  const search = toSearch(query, identity, (name) => `/${name}`);
  if (!finder) throw noDomain();
  const partitions = await finder.partitions(search);
  let positions = 0;
  for await (const found of byPartition(finder, search, partitions)) {
    for (const frame of toFrames(id, search, found)) {
      if (!(await connections.post(connectionId, frame))) return undefined;
    }
    positions += found.hits.length;
  }
  return { type: 'done', id, partitions: partitions.length, positions };
});
