import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EngineSpec } from './engine';
import { DYNAMODB, type JavaEngine, javaCommand, S3, SEARCH } from './java';
import { ROOT } from './paths';
import { DYNAMODB_TEMPLATE } from './prepare';
import { httpStatus } from './probe';

/** DynamoDB Local; a fresh directory starts from the database with the index on its streams. */
export function dynamodbSpec(javaHome: string, directory: string, port: number): EngineSpec {
  mkdirSync(directory, { recursive: true });
  const database = join(directory, basename(DYNAMODB_TEMPLATE));
  if (!existsSync(database)) copyFileSync(join(javaHome, DYNAMODB.folder, DYNAMODB_TEMPLATE), database);
  return javaSpec(DYNAMODB, javaHome, directory, port, async (url) => (await httpStatus(url)) > 0);
}

/** One OpenSearch node; ready when its cluster is. */
export function searchSpec(javaHome: string, directory: string, port: number): EngineSpec {
  mkdirSync(join(directory, 'config'), { recursive: true });
  const health = '/_cluster/health?wait_for_status=yellow&timeout=2s';
  return javaSpec(SEARCH, javaHome, directory, port, async (url) => (await httpStatus(url + health)) === 200);
}

/** Adobe S3Mock. */
export function s3Spec(javaHome: string, directory: string, port: number): EngineSpec {
  mkdirSync(directory, { recursive: true });
  return javaSpec(S3, javaHome, directory, port, async (url) => (await httpStatus(url)) === 200);
}

/** kinesalite in a Node process of its own. */
export function kinesisSpec(directory: string, port: number): EngineSpec {
  mkdirSync(directory, { recursive: true });
  const url = urlOf(port);
  return {
    name: 'kinesis',
    url,
    command: process.execPath,
    args: [join(__dirname, 'kinesis-server.cjs'), String(port), directory],
    cwd: ROOT,
    ready: async () => (await httpStatus(url)) > 0,
  };
}

function javaSpec(
  engine: JavaEngine,
  javaHome: string,
  directory: string,
  port: number,
  ready: (url: string) => Promise<boolean>,
): EngineSpec {
  const url = urlOf(port);
  return {
    ...javaCommand(join(javaHome, engine.folder), engine, [String(port), directory]),
    name: engine.folder,
    url,
    ready: () => ready(url),
  };
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
