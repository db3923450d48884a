import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Redis from 'ioredis';
import type { EngineSpec } from './engine';

const SLOTS = 16_384;

// The keeper is there for the probe, so that the stack may switch the default user off as the template says.
const USERS = ['user default on nopass sanitize-payload ~* &* +@all', 'user keeper on nopass ~* &* +@all', ''].join(
  '\n',
);

/** What Valkey is started with. */
export interface ValkeyOptions {
  readonly server: string;
  readonly directory: string;
  readonly port: number;
  readonly busPort: number;
  /** The port that the cluster names to its clients, where something stands in front of it. */
  readonly announcePort: number;
  /** Whether the data are to outlive the process. */
  readonly kept: boolean;
}

/**
 * Valkey as a cluster of one node, as ElastiCache Serverless is cluster mode. Users are set by `ACL SETUSER`, and
 * outlive a restart of the engine after `ACL SAVE`.
 */
export function valkeySpec(options: ValkeyOptions): EngineSpec {
  mkdirSync(options.directory, { recursive: true });
  writeFileSync(join(options.directory, 'users.acl'), USERS);
  return {
    name: 'valkey',
    url: `redis://127.0.0.1:${options.port}`,
    command: options.server,
    args: Object.entries(settings(options)).flatMap(([name, value]) => [`--${name}`, value]),
    cwd: options.directory,
    ready: () => clusterReady(options.port),
  };
}

function settings({ port, busPort, announcePort, directory, kept }: ValkeyOptions): Record<string, string> {
  return {
    port: String(port),
    bind: '127.0.0.1',
    dir: directory,
    aclfile: join(directory, 'users.acl'),
    save: '',
    appendonly: kept ? 'yes' : 'no',
    'cluster-enabled': 'yes',
    'cluster-port': String(busPort),
    // Without an address of its own to name, the node has clients wait for ever.
    'cluster-announce-ip': '127.0.0.1',
    'cluster-announce-port': String(announcePort),
  };
}

async function clusterReady(port: number): Promise<boolean> {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    username: 'keeper',
    password: 'none',
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const info = String(await redis.call('CLUSTER', 'INFO'));
    if (info.includes('cluster_slots_assigned:0')) await redis.call('CLUSTER', 'ADDSLOTSRANGE', 0, SLOTS - 1);
    return info.includes('cluster_state:ok');
  } finally {
    redis.disconnect();
  }
}
