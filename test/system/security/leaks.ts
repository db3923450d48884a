/** What no answer may tell: where code stands, what things are called inside, what they are made of. */
const INTERNALS: Record<string, RegExp> = {
  'a stack trace': /\bat .{0,80}\.(c|m)?[jt]s:\d+|\n\s+at /,
  'a path of the host': /\/(work|home|usr|var|tmp|opt|node_modules)\//,
  'an ARN': /\barn:aws/,
  'a name of a resource': /\bWaystream-\w+|\b(tracks|tickets|partitions)Table|_TABLE\b/i,
  'an endpoint': /127\.0\.0\.1:\d+|localhost:\d+|amazonaws\.com/,
  'a library': /\b(zod|ioredis|opensearch|dynamodb|kinesis|valkey|redis|lucene)\b/i,
};

/** @returns what an answer's text tells of the inside */
export const leaks = (text: string): string[] =>
  Object.entries(INTERNALS).flatMap(([kind, shape]) =>
    shape.test(text) ? [`tells ${kind}: ${text.slice(0, 300)}`] : [],
  );
