import type { Source } from './source';

/** The function's role may not read the stream. */
export class NotPermitted extends Error {
  override readonly name = 'NotPermitted';
}

/** An action of the function's role on a stream or its consumer. */
export type Needed = readonly [action: string, resource: string];

export interface Needs {
  shards: readonly Needed[];
  iterator: readonly Needed[];
  read: readonly Needed[];
}

/**
 * What Lambda needs of a function's role to read a table's stream.
 * Source: Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB", permissions of the execution role.
 */
export function tableNeeds(arn: string): Needs {
  return {
    shards: [
      ['dynamodb:DescribeStream', arn],
      ['dynamodb:ListStreams', arn],
    ],
    iterator: [['dynamodb:GetShardIterator', arn]],
    read: [['dynamodb:GetRecords', arn]],
  };
}

/**
 * The same for a stream of Kinesis. Source: Lambda developer guide, "Process Amazon Kinesis Data Streams records with
 * Lambda", permissions of the execution role.
 * @param consumer ARN of the consumer with enhanced fan-out, to whom records are pushed
 */
export function kinesisNeeds(arn: string, consumer: string | undefined): Needs {
  const all = (...actions: string[]): Needed[] => actions.map((action) => [`kinesis:${action}`, arn]);
  return {
    shards: all('DescribeStream', 'DescribeStreamSummary', 'ListShards'),
    iterator: all('GetShardIterator', ...(consumer === undefined ? [] : ['GetRecords'])),
    read: consumer === undefined ? all('GetRecords') : [['kinesis:SubscribeToShard', consumer]],
  };
}

/**
 * A source that is read only as far as the function's role allows it.
 * Its calls reject with NotPermitted, and its `problem` says what is missing, in the words that Lambda has for the state
 * of a mapping, until they are allowed again.
 */
export function permitted(source: Source, needs: Needs, may: (action: string, resource: string) => boolean): Source {
  let problem: string | undefined;
  const check = (needed: readonly Needed[]): void => {
    const missing = needed.filter(([action, resource]) => !may(action, resource));
    const actions = missing.map(([action]) => action.split(':')[1]).join(', ');
    problem =
      missing.length === 0
        ? undefined
        : `PROBLEM: Cannot access stream ${source.arn}. Please ensure the role can perform the ${actions} Actions on your stream in IAM.`;
    if (problem !== undefined) throw new NotPermitted(problem);
  };
  return {
    ...source,
    problem: () => problem,
    shards: async (signal) => {
      check(needs.shards);
      return source.shards(signal);
    },
    iterator: async (shardId, position, signal) => {
      check(needs.iterator);
      return source.iterator(shardId, position, signal);
    },
    read: async (shardId, iterator, signal) => {
      check(needs.read);
      return source.read(shardId, iterator, signal);
    },
  };
}
