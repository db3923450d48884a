import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { FunctionFault, InvokeResult } from '../model';
import { type FunctionConfiguration, handlerOf } from './configuration';
import type { Armed } from './faults';

const fault = z.object({ errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()).optional() });
const sizes = { heapBytes: z.number(), takenBytes: z.number(), cpuMs: z.number() };
const answer = z.union([
  z.object({ id: z.string(), ok: z.literal(true), payload: z.string(), ...sizes }),
  z.object({ id: z.string(), ok: z.literal(false), error: fault, ...sizes }),
]);
const message = z.union([
  z.object({ ready: z.literal(true), loadMs: z.number() }),
  z.object({ crashed: fault }),
  answer,
]);

export interface Request {
  id: string;
  /** JSON */
  event: string;
}

interface Pending {
  id: string;
  /** what is to go wrong with it */
  fault: Armed | undefined;
  settle(result: InvokeResult): void;
}

/** How long the code outside the handler may take before the instance is given up, as in Lambda. */
const initTimeoutMs = 10_000;

/**
 * One function instance in a thread of its own. Serves one request at a time; a timeout or a crash ends it.
 */
export class Instance {
  heapBytes = 0;
  /** Most that it has taken from the host at the end of a request. */
  peakBytes = 0;
  /** CPU of the last request. */
  cpuMs = 0;
  /** How long its code took to load: 0 until it has. */
  loadMs = 0;
  /** epoch milliseconds of the last answer */
  idleSince = Date.now();
  dead = false;
  /** someone runs a request on it, or is about to */
  busy = false;
  private readonly worker: Worker;
  private readonly ready: Promise<FunctionFault | undefined>;
  private pending: Pending | undefined;
  private crashed: FunctionFault | undefined;

  constructor(
    private readonly configuration: FunctionConfiguration,
    log: (line: string) => void,
  ) {
    this.worker = new Worker(join(__dirname, 'worker.cjs'), {
      workerData: handlerOf(configuration),
      env: { ...configuration.environment },
      // The pool may run under a TypeScript loader; functions must not.
      execArgv: ['--enable-source-maps'],
      resourceLimits: { maxOldGenerationSizeMb: Math.max(64, configuration.memoryMb) },
      stdout: true,
      stderr: true,
    });
    for (const output of [this.worker.stdout, this.worker.stderr]) forEachLine(output, log);
    this.ready = this.started();
  }

  /** Runs the handler once. The deadline starts when the code is loaded, as Lambda's does. */
  async run(request: Request, fault?: Armed): Promise<InvokeResult> {
    let settle: (result: InvokeResult) => void = () => undefined;
    const answered = new Promise<InvokeResult>((resolve) => {
      settle = resolve;
    });
    this.pending = { id: request.id, fault, settle };
    const broken = await this.ready;
    if (broken) this.settle(request.id, { ok: false, error: broken });
    else if (!this.dead) this.send(request);
    const timers = [setTimeout(() => this.expire(request.id), this.configuration.timeoutMs)];
    if (fault) timers.push(...this.arm(request.id, fault));
    const result = await answered;
    for (const timer of timers) clearTimeout(timer);
    return result;
  }

  /** Ends the thread at once, whatever it does. */
  async kill(fault: FunctionFault = { errorType: 'Runtime.ExitError', errorMessage: 'The instance was stopped' }) {
    this.dead = true;
    this.settle(this.pending?.id, { ok: false, error: fault });
    await this.worker.terminate();
  }

  private started(): Promise<FunctionFault | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve({ errorType: 'Runtime.InitError', errorMessage: `Init took more than ${initTimeoutMs} ms` });
        void this.kill().catch(() => undefined);
      }, initTimeoutMs);
      this.worker.on('message', (value: unknown) => {
        const received = message.parse(value);
        if ('ready' in received) {
          this.loadMs = received.loadMs;
          resolve(undefined);
        } else if ('crashed' in received) this.crashed = received.crashed;
        else this.answer(received);
      });
      this.worker.on('error', (error) => {
        this.crashed ??= { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
      });
      this.worker.on('exit', (code) => {
        clearTimeout(timer);
        this.dead = true;
        const fault = this.crashed ?? {
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${this.pending?.id ?? '-'} Error: Runtime exited with error: exit status ${code}`,
        };
        resolve(fault);
        this.settle(this.pending?.id, { ok: false, error: fault });
      });
      this.worker.once('message', () => clearTimeout(timer));
    });
  }

  private send(request: Request): void {
    this.cpuMs = 0;
    const { name, arn, memoryMb, timeoutMs } = this.configuration;
    this.worker.postMessage({
      ...request,
      deadline: Date.now() + timeoutMs,
      context: {
        functionName: name,
        functionVersion: '$LATEST',
        invokedFunctionArn: arn,
        memoryLimitInMB: String(memoryMb),
        awsRequestId: request.id,
        logGroupName: `/aws/lambda/${name}`,
        logStreamName: 'local',
      },
    });
  }

  /** Has an invocation ended in the midst of its work. */
  private arm(id: string, fault: Armed): NodeJS.Timeout[] {
    fault.end = () => {
      if (this.pending?.id !== id) return;
      fault.struck();
      void this.kill().catch(() => undefined);
    };
    return fault.endAfterMs === undefined ? [] : [setTimeout(fault.end, fault.endAfterMs)];
  }

  private answer(received: z.infer<typeof answer>): void {
    this.heapBytes = received.heapBytes;
    this.cpuMs = received.cpuMs;
    this.peakBytes = Math.max(this.peakBytes, received.takenBytes);
    this.idleSince = Date.now();
    const { id } = received;
    if (this.pending?.id === id && this.pending.fault?.withholdsAnswer) {
      this.pending.fault.struck();
      this.expire(id);
      return;
    }
    this.settle(id, received.ok ? { ok: true, payload: JSON.parse(received.payload) } : received);
  }

  private expire(id: string): void {
    if (this.pending?.id !== id) return;
    const seconds = (this.configuration.timeoutMs / 1000).toFixed(2);
    const errorMessage = `${new Date().toISOString()} ${id} Task timed out after ${seconds} seconds`;
    this.dead = true;
    this.settle(id, { ok: false, error: { errorType: 'Sandbox.Timedout', errorMessage }, timedOut: true });
    void this.worker.terminate().catch(() => undefined);
  }

  private settle(id: string | undefined, result: InvokeResult): void {
    if (!this.pending || this.pending.id !== id) return;
    const { settle } = this.pending;
    this.pending = undefined;
    settle(result);
  }
}

function forEachLine(stream: NodeJS.ReadableStream, log: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) log(line);
  });
}
