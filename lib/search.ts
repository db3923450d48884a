import { FilterRule } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { indexEnv, searchEnv, searchSocketEnv } from '../lambdas/search/env';
import type { Failures } from './buckets';
import { consume } from './consumer';
import type { Environment } from './environments';
import type { HttpApi } from './http-api';
import type { SearchDomain } from './search-domain';
import { ServiceFunction } from './service-function';
import type { SocketApi } from './socket-api';
import type { PartitionsTable, TracksTable } from './tables';

export interface SearchProps {
  environment: Environment;
  api: HttpApi;
  socket: SocketApi;
  follows: TracksTable;
  partitions: PartitionsTable;
  domain: SearchDomain | undefined;
  failures: Failures;
}

/** Indexes rows, and searches them. Without a domain nothing is indexed and a search answers 503. */
export class Search extends Construct {
  readonly onRows: ServiceFunction | undefined;

  constructor(scope: Construct, id: string, props: SearchProps) {
    super(scope, id);
    this.onRows = props.domain && this.addIndexer(props, props.domain);
    this.addDoors(props);
  }

  private addIndexer(props: SearchProps, domain: SearchDomain): ServiceFunction {
    const { environment, follows, partitions, failures } = props;
    const fn = new ServiceFunction(this, 'OnRows', {
      environment,
      entry: 'search/on-rows',
      reads: indexEnv,
      description: 'Indexes rows of tracks',
      memoryMb: 1024,
      // An outage of the domain is waited for within the function: three tries of this length outlast most of an hour.
      timeoutSeconds: 900,
    });
    domain.grantIndex(fn);
    partitions.grantCatalogue(fn);
    follows.grantChanges(fn);
    consume(fn, {
      source: follows.changes,
      failures,
      startsAt: 'oldest',
      batch: 1000,
      windowSeconds: 1,
      maxAgeSeconds: 20 * 3600,
      // Raw minutes only: `d…` is the registry of tasks, `c…` are corrected minutes.
      filter: { dynamodb: { Keys: { minute: { S: FilterRule.beginsWith('r') } } } },
    });
    return fn;
  }

  private addDoors({ environment, api, socket, partitions, domain }: SearchProps): void {
    const shape = { environment, memoryMb: 1024, timeoutSeconds: 29 };
    const onSearch = new ServiceFunction(this, 'OnSearch', {
      ...shape,
      entry: 'search/on-search',
      reads: searchEnv,
      description: 'Searches over HTTP',
    });
    const onSocket = new ServiceFunction(this, 'OnSocket', {
      ...shape,
      entry: 'search/on-socket',
      reads: searchSocketEnv,
      description: 'Searches over WebSocket, a frame a partition',
    });
    for (const fn of [onSearch, onSocket]) {
      partitions.grantRead(fn);
      if (domain) domain.grantSearch(fn);
      else fn.setEnvironment(searchEnv, { SEARCH_ENDPOINT: '' });
    }
    socket.grantPost(onSocket, searchSocketEnv);
    api.route(onSearch, 'GET /v1/search');
    socket.route(onSocket, 'search');
  }
}
