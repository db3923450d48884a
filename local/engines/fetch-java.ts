import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from './engine';
import { DYNAMODB, JAVA_ENGINES, type JavaEngine, javaCommand, jdkTool } from './java';
import { JAVA_SOURCES } from './paths';
import { freePorts } from './ports';
import { httpStatus } from './probe';
import { run } from './run';
import { Watchdog } from './watchdog';

/** The empty database that every data directory of DynamoDB starts from; see DynamoDbServer.java. */
export const DYNAMODB_TEMPLATE = join('template', 'shared-local-instance.db');

/**
 * What the fetched folder depends on: poms, launchers, and the JDK, which the archives of classes hold for.
 * @throws Error where there is no JDK
 */
export async function javaStamp(): Promise<string> {
  const hash = createHash('sha256').update(await run(jdkTool('javac'), ['-version']));
  for (const path of readdirSync(JAVA_SOURCES, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.(java|xml)$/.test(path)) hash.update(path).update(readFileSync(join(JAVA_SOURCES, path)));
  }
  return hash.update(JSON.stringify(JAVA_ENGINES)).digest('hex').slice(0, 12);
}

/** Fetches the engines that run on Java into a folder, one folder each, and compiles their launchers. */
export async function fetchJavaEngines(into: string, log: (line: string) => void): Promise<void> {
  cpSync(JAVA_SOURCES, into, { recursive: true });
  log('fetching DynamoDB Local 3.3.1, OpenSearch 2.19.5 and S3Mock 4.11.0 from Maven (157 MB)…');
  await retryOnce(() => run('mvn', MAVEN_ARGS, into));
  log('preparing DynamoDB Local, OpenSearch and S3Mock…');
  await Promise.all(JAVA_ENGINES.map((engine) => prepare(join(into, engine.folder), engine)));
}

// One call for all: two Mavens at a time would write the same files of the local repository.
const MAVEN_ARGS = [
  '-q',
  '-B',
  '-T3',
  '-Dmaven.artifact.threads=12',
  '-DoutputDirectory=${project.basedir}/lib',
  'dependency:copy-dependencies',
];

async function retryOnce<T>(attempt: () => Promise<T>): Promise<T> {
  return attempt().catch(attempt);
}

async function prepare(home: string, engine: JavaEngine): Promise<void> {
  const classes = join(home, 'classes');
  mkdirSync(classes);
  await run(jdkTool('javac'), ['-nowarn', '-d', classes, '-cp', join(home, 'lib', '*'), `${engine.main}.java`], home);
  await run(jdkTool('jar'), ['--create', '--file', join(home, 'launcher.jar'), '-C', classes, '.']);
  // DynamoDB Local's jar names a folder in its class path, which the JVM refuses to archive classes for.
  await (engine === DYNAMODB ? makeTemplate(home) : recordClasses(home, engine));
}

async function makeTemplate(home: string): Promise<void> {
  mkdirSync(join(home, 'template'));
  const { command, args, cwd } = javaCommand(home, DYNAMODB, ['template', join(home, 'template')]);
  await run(command, args, cwd);
}

/** Runs an engine once, so that the JVM writes down the classes that a start needs. */
async function recordClasses(home: string, engine: JavaEngine): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'waystream-record-'));
  const watchdog = new Watchdog(join(data, 'lock'), data);
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(join(data, 'config'));
  const spec = {
    ...javaCommand(home, engine, [String(port), data], true),
    name: engine.main,
    url,
    ready: async () => (await httpStatus(url)) > 0,
  };
  try {
    const running = await startEngine(spec, { logFile: join(data, 'log'), watchdog, log: () => undefined });
    await running.stop();
  } finally {
    await watchdog.end();
    rmSync(data, { recursive: true, force: true });
  }
}
