'use strict';
/**
 * One function instance: loads a bundle and runs its handler, one request at a time.
 * Plain JavaScript, so that a cold start loads the bundle and nothing else.
 *
 * From the pool: { id, event, context, deadline }. To the pool: { ready, loadMs } once, then
 * { id, ok, payload | error, heapBytes, takenBytes, cpuMs } per request. Payloads travel as JSON text, as they do in Lambda.
 */
const { readFileSync } = require('node:fs');
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

/** What this instance has taken from the host: its heap with what is free in it, and what lies outside of it. */
function takenBytes() {
  const { total_physical_size, external_memory, malloced_memory } = getHeapStatistics();
  return total_physical_size + external_memory + malloced_memory;
}

/** CPU that this thread has used. Linux counts it thread by thread, in nanoseconds; 0 elsewhere. */
function threadCpuMs() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

const from = performance.now();
const handler = load();
const loadMs = performance.now() - from;
parentPort.on('message', async (message) => {
  requestId = message.id;
  const before = threadCpuMs();
  const result = await answer(handler, message);
  const cpuMs = threadCpuMs() - before;
  const memory = process.memoryUsage();
  parentPort.postMessage({
    id: message.id,
    ...result,
    heapBytes: memory.heapUsed + memory.external,
    takenBytes: takenBytes(),
    cpuMs,
  });
});
parentPort.postMessage({ ready: true, loadMs });
