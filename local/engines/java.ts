import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** An engine that runs on Java: its folder under `java/`, its launcher, and what its JVM is given. */
export interface JavaEngine {
  readonly folder: 'dynamodb' | 'search' | 's3';
  readonly main: string;
  readonly flags: readonly string[];
}

export const DYNAMODB: JavaEngine = {
  folder: 'dynamodb',
  main: 'DynamoDbServer',
  flags: ['-Xmx512m', '-XX:+UseSerialGC'],
};

export const SEARCH: JavaEngine = {
  folder: 'search',
  main: 'SearchNode',
  flags: ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:MaxDirectMemorySize=256m'],
};

export const S3: JavaEngine = {
  folder: 's3',
  main: 'ObjectStore',
  // The optimizing compiler costs more in a short life than it gives.
  flags: ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
};

export const JAVA_ENGINES = [DYNAMODB, SEARCH, S3];

/** The classes of an engine as the JVM shares them between runs: half the start-up time. */
const ARCHIVE = 'classes.jsa';

/** A tool of the JDK: that of JAVA_HOME where it is set, as Maven does, else that on the PATH. */
export function jdkTool(name: 'java' | 'javac' | 'jar'): string {
  const home = process.env.JAVA_HOME;
  return home === undefined || home === '' ? name : join(home, 'bin', name);
}

/**
 * How an engine is started.
 * @param home the engine's folder as fetched, which must be the working directory: the archive of classes holds for
 *   one class path, letter by letter, so the path is relative and the project can move
 * @param record whether the run is to write the archive when it ends
 */
export function javaCommand(home: string, engine: JavaEngine, args: readonly string[], record = false) {
  return {
    command: jdkTool('java'),
    args: [...engine.flags, ...archiveFlags(home, record), '-cp', classPath(home), engine.main, ...args],
    cwd: home,
  };
}

function archiveFlags(home: string, record: boolean): string[] {
  if (record) return [`-XX:ArchiveClassesAtExit=${ARCHIVE}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'];
  return existsSync(join(home, ARCHIVE)) ? [`-XX:SharedArchiveFile=${ARCHIVE}`, '-Xshare:auto', '-Xlog:cds=off'] : [];
}

/** The launcher before the libraries, these in the order of their names. */
export function classPath(home: string): string {
  const libraries = readdirSync(join(home, 'lib')).filter((name) => name.endsWith('.jar'));
  return ['launcher.jar', ...libraries.sort().map((name) => join('lib', name))].join(delimiter);
}
