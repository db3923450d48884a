import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import WebSocket from 'ws';
import { z } from 'zod';
import { minuteKey, trackAttributes, trackKey } from '../../../lambdas/contract/track-row';
import { SocketClient, StackClient, startedStack } from '../stack';

const grantSchema = z.object({
  role: z.string(),
  policy: z.string(),
  index: z.int(),
  action: z.string(),
  resource: z.string(),
  uses: z.int(),
});
export type Grant = z.infer<typeof grantSchema>;
const permissionsSchema = z.object({
  grants: z.array(grantSchema),
  denials: z.array(z.object({ role: z.string(), action: z.string(), times: z.int() })),
});

/** One statement of a function's policy, as the running stack has it. */
export interface Statement {
  policy: string;
  index: number;
  actions: string[];
  /** calls that it has allowed */
  uses: number;
}

/** A device on a spot where no other is. */
export interface Place {
  device: string;
  lat: number;
  lon: number;
}

/** The task of every device here. */
export const TASK = 'shift';

/** Time for what should happen to happen (ms). */
const PATIENCE_MS = 20_000;

const degrees = (value: number) => Number(value.toFixed(6));

/** A running stack, and what its users and operators do with it. */
export class Scene {
  private places = 0;
  /** denials before the exercise under way */
  private before = 0;
  private readonly sockets: SocketClient[] = [];
  private readonly kinesis: KinesisClient;
  readonly dynamodb: DynamoDBClient;

  private constructor(
    readonly client: StackClient,
    readonly operator: string,
    readonly names: { stream: string; tracks: string; rides: string },
  ) {
    this.kinesis = new KinesisClient(client.asRoot);
    this.dynamodb = new DynamoDBClient(client.asRoot);
  }

  static async start(): Promise<Scene> {
    const client = new StackClient(await startedStack('permissions'));
    const { grants } = await permissionsOf(client);
    const named = (action: string, role: RegExp) =>
      grants
        .find((grant) => grant.action === action && role.test(grant.role))
        ?.resource.split('/')
        .at(-1) ?? '';
    const stream = named('kinesis:PutRecords', /^IngestOnPositions/);
    const tracks = named('dynamodb:UpdateItem', /^TracksOnPositions/);
    const rides = named('dynamodb:PutItem', /^RidesOnRides/);
    return new Scene(client, await client.token('permissions-operator', 'operator'), { stream, tracks, rides });
  }

  /** Statements of a function's role in the template that runs. @param name of the function, without its hash */
  async statements(name: string): Promise<Statement[]> {
    const found = new Map<string, Statement>();
    for (const { policy, index, action, uses } of await this.grantsOf(name)) {
      const statement = found.get(`${policy}/${index}`) ?? { policy, index, actions: [], uses: 0 };
      found.set(`${policy}/${index}`, statement);
      statement.uses += uses;
      if (!statement.actions.includes(action)) statement.actions.push(action);
    }
    return [...found.values()];
  }

  grants = async (): Promise<Grant[]> => (await permissionsOf(this.client)).grants;

  grantsOf = async (name: string) => (await this.grants()).filter(({ role }) => functionOf(role) === name);

  withhold = ({ policy, index }: Statement) => this.client.control('POST', `permissions/${policy}/withhold`, { index });

  restore = ({ policy, index }: Statement) => this.client.control('POST', `permissions/${policy}/restore`, { index });

  /** The next call starts an instance anew. */
  kill = (name: string) => this.client.control('POST', `functions/${name}/kill`);

  /** Starts the mapping of a function anew, from the beginning of its stream. */
  async replay(name: string): Promise<void> {
    const { mappings } = await this.client.control('GET', 'status');
    const own = mappings.find((mapping: { function: string }) => mapping.function.includes(name));
    await this.client.control('POST', `mappings/${own.name}/replay`);
  }

  /** Runs something while a function is without one of its statements, known by an action in it. */
  async without<T>(name: string, action: string, run: () => Promise<T>): Promise<T> {
    const statement = (await this.statements(name)).find(({ actions }) => actions.includes(action));
    if (!statement) throw new Error(`${name} is not granted ${action}`);
    await this.withhold(statement);
    await this.kill(name);
    try {
      return await run();
    } finally {
      await this.restore(statement);
      await this.kill(name);
    }
  }

  /** From here on a denial means that what is waited for need not be waited for longer. */
  async begin(): Promise<void> {
    this.before = await this.denied();
  }

  /**
   * Waits for what a user would see.
   * @throws Error once a call has been denied since the beginning and what was waited for is not there
   */
  async sees<T>(find: () => Promise<T | undefined | false>): Promise<T> {
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      const denied = await this.denied();
      const found = await find();
      if (found !== undefined && found !== false) return found;
      if (denied > this.before) throw new Error('a call was denied');
      if (Date.now() > until) throw new Error(`not seen within ${PATIENCE_MS / 1_000} s`);
    }
  }

  private async denied(): Promise<number> {
    return (await permissionsOf(this.client)).denials.reduce((sum, { times }) => sum + times, 0);
  }

  /** A place of its own in Porto, far enough from others to be alone in its cell's view. */
  place(): Place {
    const count = ++this.places;
    return { device: `granted-${count}`, lat: degrees(41 + (count % 20) * 0.02), lon: degrees(-8.9 + count * 0.001) };
  }

  /** Reports one point as the device itself. @returns the answer */
  async report({ device, lat, lon }: Place) {
    const token = await this.client.token(device, 'device');
    const points = [{ time: Date.now(), lat, lon }];
    return this.client.request('/v1/positions', { token, body: { taskId: TASK, points } });
  }

  /** A place whose point has been accepted. */
  async reported(): Promise<Place> {
    const place = this.place();
    mustBe(202, await this.report(place));
    return place;
  }

  /** What the API answers an operator. @throws Error where it is not 200 */
  async read(path: string) {
    return mustBe(200, await this.client.request(path, { token: this.operator })).body;
  }

  /** Opens a socket; all are closed by `closeSockets`. */
  async socket(token = this.operator): Promise<SocketClient> {
    return this.keep(await this.client.socket(token));
  }

  async socketByTicket(ticket: string): Promise<SocketClient> {
    return this.keep(await SocketClient.opened(new WebSocket(`${this.client.place.ws}?ticket=${ticket}`)));
  }

  /** A socket that watches the surroundings of a place. */
  async watching({ lat, lon }: Place): Promise<SocketClient> {
    const socket = await this.socket();
    const viewport = { west: lon - 0.0004, south: lat - 0.0004, east: lon + 0.0004, north: lat + 0.0004 };
    socket.send({ type: 'subscribe', id: 'map', viewport });
    await this.sees(async () => socket.frames.find(({ type }) => type === 'snapshot'));
    return socket;
  }

  closeSockets(): void {
    for (const socket of this.sockets.splice(0)) socket.close();
  }

  /** Puts what is no batch into the stream of positions. */
  async poisonStream(text: string): Promise<void> {
    const Records = [{ Data: Buffer.from(`{${text}`), PartitionKey: text }];
    await this.kinesis.send(new PutRecordsCommand({ StreamName: this.names.stream, Records }));
  }

  /** Puts a row into the table of tracks that the index can't take: its key is longer than the id of a document may be. */
  async poisonTable(device: string): Promise<void> {
    const Item = { ...this.key(device.padEnd(600, '-'), Date.now()), p0: { S: '41,-8' } };
    await this.dynamodb.send(new PutItemCommand({ TableName: this.names.tracks, Item }));
  }

  /** Puts an entry of a journal into the table of rides that says nothing. */
  async poisonRides(device: string): Promise<void> {
    const Item = { owner: { S: trackKey(device, TASK) }, ride: { S: 'j0000000001' } };
    await this.dynamodb.send(new PutItemCommand({ TableName: this.names.rides, Item }));
  }

  /** Removes a device's row of a minute, as its expiry does. */
  async expire(device: string, time: number): Promise<void> {
    const Key = this.key(device, time);
    await this.dynamodb.send(new DeleteItemCommand({ TableName: this.names.tracks, Key }));
  }

  stop(): void {
    this.closeSockets();
    this.kinesis.destroy();
    this.dynamodb.destroy();
  }

  /** The key of a device's row at a time. */
  key(device: string, time: number) {
    return {
      [trackAttributes.track]: { S: trackKey(device, TASK) },
      [trackAttributes.minute]: { S: minuteKey(time) },
    };
  }

  private keep(socket: SocketClient): SocketClient {
    this.sockets.push(socket);
    return socket;
  }
}

/** Function of a role in the template: `LiveOnSweepRole970AE80D` → `LiveOnSweep`. */
export const functionOf = (role: string) => /^(\w+?On\w+)Role[0-9A-F]{8}$/.exec(role)?.[1];

async function permissionsOf(client: StackClient) {
  return permissionsSchema.parse(await client.control('GET', 'permissions'));
}

function mustBe<A extends { status: number; text: string }>(status: number, answer: A): A {
  if (answer.status !== status) throw new Error(`${answer.status}: ${answer.text}`);
  return answer;
}
