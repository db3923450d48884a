import type { Fault, Rig } from './harness';

export type EngineName = 'valkey' | 'dynamodb' | 'search' | 'kinesis' | 's3';

/** What each engine stands for. */
export const engineNames: Readonly<Record<EngineName, string>> = {
  valkey: 'Valkey',
  dynamodb: 'DynamoDB',
  search: 'OpenSearch',
  kinesis: 'Kinesis',
  s3: 'S3',
};

/** A fault of an engine is set by the stack's own controls, and needs no replay. */
export interface EngineFault extends Fault {
  begin(rig: Pick<Rig, 'client'>): Promise<unknown>;
  end(rig: Pick<Rig, 'client'>): Promise<unknown>;
}

/** The engine's process is ended by SIGKILL, and started again on the same data. */
export const killed = (engine: EngineName, seconds: number): EngineFault => ({
  name: `${engineNames[engine]} killed`,
  seconds,
  begin: ({ client }) => client.control('POST', `engines/${engine}/kill`),
  end: ({ client }) => client.control('POST', `engines/${engine}/restart`),
});

/** Each of its answers comes two seconds late. */
export const slow = (engine: EngineName, seconds: number): EngineFault => ({
  name: `${engineNames[engine]} slow`,
  seconds,
  begin: ({ client }) => client.control('POST', `engines/${engine}/faults`, { kind: 'slow', milliseconds: 2_000 }),
  end: ({ client }) => client.control('POST', `engines/${engine}/faults`, { kind: 'none' }),
});

/** It takes what it is sent and never answers. */
export const halfOpen = (engine: EngineName, seconds: number): EngineFault => ({
  name: `${engineNames[engine]} half-open`,
  seconds,
  begin: ({ client }) => client.control('POST', `engines/${engine}/faults`, { kind: 'half-open' }),
  end: ({ client }) => client.control('POST', `engines/${engine}/faults`, { kind: 'none' }),
});

/** Both at once. */
export const together = (one: EngineFault, other: EngineFault): EngineFault => ({
  name: `${one.name}, ${other.name}`,
  seconds: Math.max(one.seconds, other.seconds),
  begin: (rig) => Promise.all([one.begin(rig), other.begin(rig)]),
  end: (rig) => Promise.all([one.end(rig), other.end(rig)]),
});
