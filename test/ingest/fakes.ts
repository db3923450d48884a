import { KinesisClient, type PutRecordsCommandInput, type PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import { decodeBatch, type PositionBatch } from '../../lambdas/contract/batch';
import { type Command, type Valkey, ValkeyUnavailable } from '../../lambdas/platform/valkey';

/** A Valkey that answers nothing of use and counts its round trips. */
export class CountingValkey implements Valkey {
  readonly trips: (readonly Command[])[] = [];
  away = false;

  /** @param waits what each limit answers */
  constructor(private readonly waits = 0) {}

  async run(commands: readonly Command[]): Promise<unknown[]> {
    this.trips.push(commands);
    if (this.away) throw new ValkeyUnavailable('away');
    return commands.map(() => this.waits);
  }
}

type Answer = (input: PutRecordsCommandInput) => Partial<PutRecordsCommandOutput>;

/** A stream that keeps what it is given; each call is answered by the next answer, the last for good. */
export class FakeStream {
  readonly calls: PutRecordsCommandInput[] = [];
  readonly client = new KinesisClient({ region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });

  constructor(...answers: Answer[]) {
    const all: Answer = ({ Records }) => ({ Records: Records?.map(() => ({ SequenceNumber: '1' })) });
    // The middleware stands in for the network: everything before it is the real client.
    this.client.middlewareStack.add(
      () => async (args) => {
        this.calls.push(args.input as PutRecordsCommandInput);
        const answer = answers[Math.min(this.calls.length, answers.length) - 1] ?? all;
        return {
          response: {},
          output: { $metadata: {}, Records: [], ...answer(args.input as PutRecordsCommandInput) },
        };
      },
      { step: 'initialize', priority: 'low' },
    );
  }

  /** What was written, call after call. */
  get batches(): PositionBatch[][] {
    return this.calls.map(({ Records = [] }) => Records.map(({ Data = new Uint8Array() }) => decodeBatch(Data)));
  }
}

export const refusing =
  (...indexes: number[]): Answer =>
  ({ Records = [] }) => ({
    Records: Records.map((_, i) =>
      indexes.includes(i) ? { ErrorCode: 'ProvisionedThroughputExceededException' } : { SequenceNumber: '1' },
    ),
  });

export const unreachable: Answer = () => {
  throw new Error('connect ECONNREFUSED');
};
