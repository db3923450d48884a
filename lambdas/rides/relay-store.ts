import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { refusedAttributes, refusedKey } from '../contract/credentials';
import { DAY_MS, utcDay } from '../contract/time';
import { trackAttributes, writerMark } from '../contract/track-row';
import { keyOf, type Mend, type Verdict } from './check';

const { track, minute, writer, mended } = trackAttributes;

/** Attributes that one update deals with: its expressions may have 4,096 bytes and 300 operators. */
const ATTRIBUTES_PER_UPDATE = 40;

interface Step {
  name: string;
  /** As it was seen, to be taken away; undefined where `put` says what it has to be. */
  seen?: unknown;
  put?: string | number;
}

const stepsOf = ({ remove, put }: Mend): Step[] => [
  ...[...remove].map(([name, seen]): Step => ({ name, seen })),
  ...[...put].map(([name, value]): Step => ({ name, put: value })),
];

/** Parts of an update for one step. */
interface Clause {
  set?: string;
  remove?: string;
  condition: string;
  value?: unknown;
}

/** @param index of the step, in the names of its placeholders */
function clauseOf({ seen, put }: Step, index: number): Clause {
  const [name, value] = [`#${index}`, `:${index}`];
  if (put !== undefined) {
    const condition = `(attribute_not_exists(${name}) OR ${name}<>${value})`;
    return { set: `${name}=${value}`, condition, value: put };
  }
  // A point is text: what is not is known by that alone, and need not be compared.
  if (typeof seen === 'string') return { remove: name, condition: `${name}=${value}`, value: seen };
  return { remove: name, condition: `attribute_exists(${name}) AND NOT attribute_type(${name},:text)` };
}

/** Sets rows right in which a device wrote what can't stay, and counts it. */
export class Mender {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly tables: { tracks: string; rides: string },
  ) {}

  /**
   * Sets a row right. What has changed since it was seen is left alone: that change is looked at by itself.
   * @param sequence of the change: the mark of this write differs from all others
   * @returns how many attributes were set right; 0 where it had been done before
   */
  async mend(verdict: Verdict, mend: Mend, sequence: string): Promise<number> {
    const steps = stepsOf(mend);
    let done = 0;
    for (let from = 0; from < steps.length; from += ATTRIBUTES_PER_UPDATE) {
      const some = steps.slice(from, from + ATTRIBUTES_PER_UPDATE);
      if (await this.update(verdict, some, sequence)) done += some.length;
      // One that is as it should be holds up the others: each by itself then.
      else if (some.length > 1) for (const one of some) done += Number(await this.update(verdict, [one], sequence));
    }
    return done;
  }

  /** Counts what a device wrote and could not stay. */
  async count(device: string, attributes: number, now: number): Promise<void> {
    const { partition, sort } = refusedKey(device, utcDay(now));
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.tables.rides,
        Key: { [refusedAttributes.owner]: { S: partition }, [refusedAttributes.ride]: { S: sort } },
        UpdateExpression: 'SET #e=if_not_exists(#e,:e) ADD #n :n',
        ExpressionAttributeNames: { '#e': refusedAttributes.expires, '#n': refusedAttributes.points },
        ExpressionAttributeValues: marshall({ ':e': Math.ceil((now + 2 * DAY_MS) / 1_000), ':n': attributes }),
      }),
    );
  }

  private async update(verdict: Verdict, steps: readonly Step[], sequence: string): Promise<boolean> {
    const clauses = steps.map(clauseOf);
    const removals = clauses.flatMap(({ remove }) => remove ?? []);
    const compares = clauses.some(({ condition }) => condition.includes(':text'));
    const values = clauses.flatMap(({ value }, index) => (value === undefined ? [] : [[`:${index}`, value]]));
    const mark = writerMark([sequence, ...steps.map(({ name }) => name)]);
    try {
      await this.client.send(
        new UpdateItemCommand({
          TableName: this.tables.tracks,
          Key: { [track]: { S: keyOf(verdict) }, [minute]: { S: verdict.sort } },
          UpdateExpression:
            `SET ${['#w=:w', ...clauses.flatMap(({ set }) => set ?? [])].join(',')} ADD #m :m` +
            (removals.length > 0 ? ` REMOVE ${removals.join(',')}` : ''),
          ConditionExpression: clauses.map(({ condition }) => condition).join(' AND '),
          ExpressionAttributeNames: {
            '#w': writer,
            '#m': mended,
            ...Object.fromEntries(steps.map(({ name }, index) => [`#${index}`, name])),
          },
          ExpressionAttributeValues: marshall({
            ':w': mark,
            ':m': steps.length,
            ...(compares && { ':text': 'S' }),
            ...Object.fromEntries(values),
          }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
