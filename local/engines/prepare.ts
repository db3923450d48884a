import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
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
 * What the prepared engines depend on: libraries, launchers, flags, and the JVM, which the archives of classes hold for.
 * @throws Error where there is no Java
 */
export async function preparedStamp(): Promise<string> {
  const hash = createHash('sha256').update(await run(jdkTool('java'), ['--version']));
  for (const path of readdirSync(JAVA_SOURCES, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.(java|xml)$/.test(path)) hash.update(path).update(readFileSync(join(JAVA_SOURCES, path)));
  }
  return hash.update(JSON.stringify(JAVA_ENGINES)).digest('hex').slice(0, 12);
}

/** Compiles the launchers and records what makes the engines start fast, in a folder with one folder for each. */
export async function prepareEngines(into: string, libraries: string): Promise<void> {
  await Promise.all(JAVA_ENGINES.map((engine) => prepare(join(into, engine.folder), engine, libraries)));
}

async function prepare(home: string, engine: JavaEngine, libraries: string): Promise<void> {
  cpSync(join(JAVA_SOURCES, engine.folder), home, { recursive: true });
  symlinkSync(relative(home, join(libraries, engine.folder, 'lib')), join(home, 'lib'));
  const compile = ['-nowarn', '-d', 'classes', '-cp', join('lib', '*'), `${engine.main}.java`];
  await run(jdkTool('javac'), compile, { cwd: home });
  await run(jdkTool('jar'), ['--create', '--file', 'launcher.jar', '-C', 'classes', '.'], { cwd: home });
  // DynamoDB Local's jar names a folder in its class path, which the JVM refuses to archive classes for.
  await (engine === DYNAMODB ? makeTemplate(home) : recordClasses(home, engine));
}

async function makeTemplate(home: string): Promise<void> {
  mkdirSync(join(home, 'template'));
  const { command, args, cwd } = javaCommand(home, DYNAMODB, ['template', join(home, 'template')]);
  await run(command, args, { cwd });
}

/** Runs an engine once, so that the JVM writes down the classes that a start needs. Without the file it starts slower. */
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
    // Not stop(): the archive is written at the end, and a busy machine may take long over it.
    await running.kill('SIGTERM');
  } finally {
    await watchdog.end();
  }
}
