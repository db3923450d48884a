// What must be on the machine before anything is installed. Plain JavaScript without dependencies.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const OLDEST = { node: '20.19', java: '17', maven: '3.6.3', python: '3.10', valkey: '7' };

/**
 * @typedef {object} Found what the tools say of themselves; undefined for one that is not there, empty for one that fails
 * @property {string} node version of Node.js
 * @property {string | undefined} [javaHome] value of JAVA_HOME
 * @property {string | undefined} [java] output of `java -version`
 * @property {string | undefined} [javac] output of `javac -version`
 * @property {string | undefined} [maven] output of `mvn -v`
 * @property {string | undefined} [python] output of `python3 --version`
 * @property {string | undefined} [pip] output of `python3 -m pip --version`
 * @property {string | undefined} [valkey] output of `valkey-server --version`, or of redis-server's
 */

/**
 * One sentence for each thing that is missing or too old; none where all is there.
 * @param {Found} found
 * @returns {string[]}
 */
export function missing(found) {
  return [nodeProblem(found), javaProblem(found), mavenProblem(found), valkeyProblem(found)].filter(Boolean);
}

function nodeProblem({ node }) {
  if (!older(node, OLDEST.node)) return undefined;
  return `Node.js ${OLDEST.node} or later is needed; this is ${node}.`;
}

function javaProblem({ java, javac, javaHome }) {
  const needed = `A JDK ${OLDEST.java} or later is needed`;
  const place = javaHome ? `in JAVA_HOME (${javaHome})` : 'on the PATH';
  if (java === undefined) return `${needed}; there is no java ${place}.`;
  // Until 8 the versions were called 1.8.
  const version = /version "(?:1\.)?([\d.]+)/.exec(java)?.[1];
  if (version === undefined || older(version, OLDEST.java)) {
    return `${needed}; the java ${place} is ${version ?? 'of an unknown version'}.`;
  }
  return javac ? undefined : `${needed}; the java ${place} is a runtime without a compiler (javac).`;
}

function mavenProblem({ maven, java }) {
  const needed = `Maven ${OLDEST.maven} or later is needed`;
  if (maven === undefined) return `${needed}; there is no mvn on the PATH.`;
  // It fails without Java, whose lack is told already.
  if (maven === '' && java === undefined) return undefined;
  const version = /Apache Maven ([\d.]+)/.exec(maven)?.[1];
  if (version !== undefined && !older(version, OLDEST.maven)) return undefined;
  return `${needed}; the mvn on the PATH is ${version ?? 'of an unknown version'}.`;
}

function valkeyProblem({ valkey, python, pip }) {
  const server = /\bv=([\d.]+)/.exec(valkey ?? '')?.[1];
  if (server !== undefined && !older(server, OLDEST.valkey)) return undefined;
  const needed = `Python ${OLDEST.python} or later with pip is needed, or valkey-server ${OLDEST.valkey} or later`;
  const version = /Python ([\d.]+)/.exec(python ?? '')?.[1];
  if (version === undefined) return `${needed}; there is neither on the PATH.`;
  if (older(version, OLDEST.python)) return `${needed}; the python3 on the PATH is ${version}.`;
  return pip ? undefined : `${needed}; the python3 on the PATH has no pip.`;
}

/** Whether a version is before another, number by number; what is not given counts as 0. */
function older(version, than) {
  const parts = (text) => text.split('.').map(Number);
  const left = parts(version);
  for (const [index, right] of parts(than).entries()) {
    if ((left[index] ?? 0) !== right) return (left[index] ?? 0) < right;
  }
  return false;
}

/** @returns {Promise<Found>} */
async function look() {
  const javaHome = process.env.JAVA_HOME;
  const jdk = (tool) => (javaHome ? join(javaHome, 'bin', tool) : tool);
  const [java, javac, maven, python, pip, valkey, redis] = await Promise.all([
    output(jdk('java'), '-version'),
    output(jdk('javac'), '-version'),
    output('mvn', '-v'),
    output('python3', '--version'),
    output('python3', '-m', 'pip', '--version'),
    output('valkey-server', '--version'),
    output('redis-server', '--version'),
  ]);
  const node = process.versions.node;
  return { node, javaHome, java, javac, maven, python, pip, valkey: valkey ?? redis };
}

/** What a command writes; undefined where there is none, empty where it fails. */
function output(command, ...args) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        text += chunk;
      });
    }
    child.once('error', () => done(undefined));
    child.once('close', (code) => done(code === 0 ? text : ''));
  });
}

/** Ends the process with a sentence for each thing that is missing. */
export async function preflight() {
  const problems = missing(await look());
  if (problems.length === 0) return;
  for (const problem of problems) console.error(problem);
  process.exit(1);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) preflight();
