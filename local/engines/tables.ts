import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DYNOXIDE_DATABASE, dynoxideSpec, installedDynoxide } from './dynoxide';
import type { EngineSpec } from './engine';
import { DYNAMODB_TEMPLATE } from './prepare';
import { dynamodbSpec } from './specs';

/** The engines that can hold the tables. */
export const TABLE_ENGINES = ['dynamodb-local', 'dynoxide'] as const;
export type TableEngine = (typeof TABLE_ENGINES)[number];

const files: Readonly<Record<TableEngine, string>> = {
  'dynamodb-local': basename(DYNAMODB_TEMPLATE),
  dynoxide: DYNOXIDE_DATABASE,
};

/** Where the engine of the tables runs. */
export interface TablesPlace {
  readonly javaHome: string;
  readonly directory: string;
  readonly port: number;
}

/**
 * The engine of the tables as asked for; DynamoDB Local where dynoxide is asked for but not installed.
 * @throws Error where the directory holds the tables of the other engine
 */
export function tablesSpec(asked: TableEngine, place: TablesPlace, log: (line: string) => void): EngineSpec {
  const dynoxide = asked === 'dynoxide' ? installedDynoxide() : undefined;
  if (asked === 'dynoxide' && !dynoxide) log('dynoxide is not installed (Linux on x64 only): DynamoDB Local instead');
  const engine = dynoxide ? 'dynoxide' : 'dynamodb-local';
  refuseOther(engine, place.directory);
  return dynoxide
    ? dynoxideSpec(dynoxide, place.directory, place.port)
    : dynamodbSpec(place.javaHome, place.directory, place.port);
}

function refuseOther(engine: TableEngine, directory: string): void {
  const other = TABLE_ENGINES.find((each) => each !== engine && existsSync(join(directory, files[each])));
  if (!other) return;
  throw new Error(`The kept data has tables of ${other}: start with --engine ${other}, or with another --data folder.`);
}
