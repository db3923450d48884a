import {
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  MergeShardsCommand,
  type Shard,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { region, rootCredentials } from '../../local/model';
import { eventually } from '../system/stack';

/** The shards of the stream of positions, split and merged as its load would have it. */
export class Shards {
  private constructor(
    private readonly kinesis: KinesisClient,
    private readonly StreamName: string,
  ) {}

  static async of(endpoint: string): Promise<Shards> {
    const kinesis = new KinesisClient({ endpoint, region, credentials: rootCredentials });
    const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({}));
    const name = StreamNames.find((each) => /position/i.test(each));
    if (name === undefined) throw new Error('There is no stream of positions.');
    return new Shards(kinesis, name);
  }

  /** Those that take records, in order of their hash keys. */
  async open(): Promise<Shard[]> {
    const { Shards: all = [] } = await this.kinesis.send(new ListShardsCommand({ StreamName: this.StreamName }));
    const open = all.filter(({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined);
    return open.sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
  }

  /** Each open shard becomes two: what an on-demand stream does when its writes double. */
  async double(): Promise<void> {
    for (const shard of await this.open()) {
      const middle = (startOf(shard) + endOf(shard)) / 2n;
      const NewStartingHashKey = String(middle);
      const change = { StreamName: this.StreamName, ShardToSplit: shard.ShardId, NewStartingHashKey };
      await this.changed(() => this.kinesis.send(new SplitShardCommand(change)));
    }
  }

  /** Two neighbours become one: here the second child of one shard and the first of the next. */
  async mergeMiddle(): Promise<void> {
    const open = await this.open();
    const at = Math.floor(open.length / 2);
    const change = {
      StreamName: this.StreamName,
      ShardToMerge: open[at - 1]?.ShardId,
      AdjacentShardToMerge: open[at]?.ShardId,
    };
    await this.changed(() => this.kinesis.send(new MergeShardsCommand(change)));
  }

  close(): void {
    this.kinesis.destroy();
  }

  private async changed(change: () => Promise<unknown>): Promise<void> {
    const before = (await this.open()).length;
    await change();
    await eventually(async () => (await this.open()).length !== before);
  }
}

const startOf = ({ HashKeyRange }: Shard) => BigInt(HashKeyRange?.StartingHashKey ?? 0);
const endOf = ({ HashKeyRange }: Shard) => BigInt(HashKeyRange?.EndingHashKey ?? 0);
