import { join, resolve } from 'node:path';

/** The project's root. */
export const ROOT = resolve(__dirname, '../..');

/** Where fetched engines are kept between runs; git ignores it. */
export const ENGINES_DIR = join(ROOT, '.engines');

/** The poms and launchers of the engines that run on Java. */
export const JAVA_SOURCES = join(__dirname, 'java');
