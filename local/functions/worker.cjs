'use strict';
/**
 * One function instance: loads a bundle and runs its handler, one request at a time.
 * Plain JavaScript, so that a cold start loads the bundle and nothing else.
 *
 * From the pool: { id, event, context, deadline }. To the pool: { ready, loadMs } once, then
 * { id, ok, payload | error, heapBytes, takenBytes, cpuMs } per request. Payloads travel as JSON text, as they do in Lambda.
 */
const { openSync, readSync } = require('node:fs');
const { format } = require('node:util');
const { getHeapStatistics } = require('node:v8');
const { parentPort, workerData } = require('node:worker_threads');

/** The shape in which the Node.js runtime reports what a handler threw. */
function describe(thrown) {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: String(thrown.stack ?? '').split('\n') };
}

function contextOf({ context, deadline }) {
  return {
    ...context,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function answer(handler, message) {
  try {
    const result = await handler(JSON.parse(message.event), contextOf(message));
    return { ok: true, payload: JSON.stringify(result ?? null) };
  } catch (thrown) {
    return { ok: false, error: describe(thrown) };
  }
}

/** What escapes the handler ends the instance, as it ends Lambda's runtime process. */
function crash(kind) {
  return (thrown) => {
    const error = describe(thrown);
    parentPort.postMessage({
      crashed: kind === 'rejection' ? { ...error, errorType: 'Runtime.UnhandledPromiseRejection' } : error,
    });
    process.exit(1);
  };
}

process.on('uncaughtException', crash('exception'));
process.on('unhandledRejection', crash('rejection'));

let requestId;

/**
 * What goes through the console is wrapped by Lambda's runtime where logs are JSON, so that metrics in it would not be
 * found. Source: Lambda developer guide, "Using structured JSON logs with Node.js".
 */
if (process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON') {
  for (const method of ['trace', 'debug', 'log', 'info', 'warn', 'error']) {
    const level = method === 'log' ? 'INFO' : method.toUpperCase();
    const output = ['warn', 'error', 'trace'].includes(method) ? process.stderr : process.stdout;
    console[method] = (...values) => {
      const line = { timestamp: new Date().toISOString(), level, requestId, message: format(...values) };
      output.write(`${JSON.stringify(line)}\n`);
    };
  }
}

function load() {
  const { file, name } = workerData;
  const handler = require(file)[name];
  if (typeof handler === 'function') return handler;
  const error = new Error(`${file} does not export a function ${name}`);
  error.name = 'Runtime.HandlerNotFound';
  throw error;
}

/**
 * What this instance holds, and what it has taken from the host: its heap with what is free in it, and what lies outside
 * of it (bytes).
 */
function sizes() {
  const { used_heap_size, total_physical_size, external_memory, malloced_memory } = getHeapStatistics();
  return {
    heapBytes: used_heap_size + external_memory,
    takenBytes: total_physical_size + external_memory + malloced_memory,
  };
}

/** The system's account of this thread, kept open; undefined where there is none. */
const account = openAccount();
const read = Buffer.alloc(64);

function openAccount() {
  try {
    return openSync('/proc/thread-self/schedstat');
  } catch {
    return undefined;
  }
}

/** CPU that this thread has used. Linux counts it thread by thread, in nanoseconds; 0 elsewhere. */
function threadCpuMs() {
  if (account === undefined) return 0;
  const length = readSync(account, read, 0, read.length, 0);
  return Number.parseInt(read.latin1Slice(0, length), 10) / 1e6;
}

const from = performance.now();
const handler = load();
const loadMs = performance.now() - from;
parentPort.on('message', async (message) => {
  requestId = message.id;
  const before = threadCpuMs();
  const result = await answer(handler, message);
  const cpuMs = threadCpuMs() - before;
  parentPort.postMessage({ id: message.id, ...result, ...sizes(), cpuMs });
});
parentPort.postMessage({ ready: true, loadMs });
