import { parseParameters } from '../contract/errors';
import { searchQuerySchema } from '../contract/reads';
import { readEnvironment } from '../platform/environment';
import { httpHandler, json } from '../platform/http';
import { searchEnv } from './env';
import { decodeKey, encodeKey, newFinder, noDomain, toAnswer } from './finder';
import { toSearch } from './request';
import { splitBySize } from './split';

const env = readEnvironment(searchEnv);
const finder = newFinder(env);

/** A function's answer has at most 6 MB. */
const ANSWER_BYTES = 5_000_000;

/** Answers a page of positions by time, devices and area. */
export const handler = httpHandler(async ({ query, identity }) => {
  const { cursor, ...asked } = parseParameters(searchQuerySchema, query);
  const search = toSearch(asked, identity);
  const after = cursor === undefined ? undefined : decodeKey(search, cursor);
  if (!finder) throw noDomain();
  const page = await finder.page(search, await finder.partitions(search), after);
  const [positions = []] = splitBySize(
    page.hits.map((hit) => toAnswer(search, hit)),
    ANSWER_BYTES,
  );
  const next = positions.length < page.hits.length ? page.hits[positions.length - 1]?.key : page.next;
  return json(200, {
    partitions: page.partitions.map(({ city, day, tier }) => ({ city, day, tier })),
    positions,
    ...(next && { next: encodeKey(search, next) }),
  });
});
