import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Archive, Failures } from './buckets';
import type { Environment } from './environments';
import { HotStore } from './hot-store';
import { IdentityPool } from './identity';
import { Network } from './network';
import { PositionStream } from './position-stream';
import { SearchDomain } from './search-domain';
import { DeviceKeysTable, PartitionsTable, RidesTable, TicketsTable, TracksTable } from './tables';

/** What holds data, and the network around it. It knows nothing of the service stack, which refers to it. */
export class DataStack extends Stack {
  readonly positions: PositionStream;
  readonly hot: HotStore;
  readonly tracks: TracksTable;
  readonly rides: RidesTable;
  readonly partitions: PartitionsTable;
  readonly tickets: TicketsTable;
  readonly deviceKeys: DeviceKeysTable;
  readonly domain: SearchDomain | undefined;
  readonly archive: Archive;
  readonly failures: Failures;
  readonly identity: IdentityPool;

  constructor(scope: Construct, id: string, { environment }: { environment: Environment }) {
    super(scope, id, { terminationProtection: environment.keepsData });
    const network = new Network(this, 'Network', { environment });
    this.positions = new PositionStream(this, 'Positions', { environment, network });
    this.hot = new HotStore(this, 'Hot', { environment, network });
    this.tracks = new TracksTable(this, 'Tracks', { environment });
    this.rides = new RidesTable(this, 'Rides', { environment });
    this.partitions = new PartitionsTable(this, 'Partitions', { environment });
    this.tickets = new TicketsTable(this, 'Tickets', { environment });
    this.deviceKeys = new DeviceKeysTable(this, 'DeviceKeys', { environment });
    const size = environment.search;
    this.domain = size === 'none' ? undefined : new SearchDomain(this, 'Search', { environment, size });
    this.archive = new Archive(this, 'Archive', { environment });
    this.failures = new Failures(this, 'Failures', { environment });
    this.identity = new IdentityPool(this, 'Identity', { environment });
  }
}
