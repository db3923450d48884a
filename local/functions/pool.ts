import { randomUUID } from 'node:crypto';
import type { InvokeResult } from '../model';
import { trace } from '../trace';
import type { FunctionConfiguration } from './configuration';
import { FunctionFaults } from './faults';
import { Instance } from './instance';

/** What one run of a function cost. */
export interface Run {
  requestId: string;
  durationMs: number;
  /** CPU of the function's own thread; 0 where the system does not tell */
  cpuMs: number;
  cold: boolean;
  memoryMb: number;
}

/** An instance as `status` shows it. Sizes in bytes. */
export interface InstanceState {
  busy: boolean;
  /** in use after its last request */
  heapBytes: number;
  /** most that it has taken from the host */
  peakBytes: number;
  /** milliseconds that its code took to load */
  loadMs: number;
}

export interface PoolEvents {
  log(line: string): void;
  ran(run: Run): void;
}

/** An instance that nobody called for this long is ended. Lambda keeps one for some minutes; a laptop's memory is dearer. */
const idleMs = 120_000;

/** Instances of one function that a laptop runs at a time; requests beyond them wait, as AWS would have room for more. */
const hostInstances = 10;

/** Largest request and answer of a synchronous call. Source: Lambda quotas, "Invocation payload". */
const payloadBytes = 6 * 1024 * 1024;

/** The instances of one function: scaled out to its concurrency, reused while idle, replaced when dead. */
export class Pool {
  readonly faults = new FunctionFaults();
  private readonly instances = new Set<Instance>();
  private readonly waiting: (() => void)[] = [];
  /** requests that run or wait */
  private requests = 0;
  private closed = false;

  constructor(
    readonly configuration: FunctionConfiguration,
    private readonly events: PoolEvents,
  ) {}

  /** @returns `throttled` when the function has as many requests as its concurrency allows */
  async run(payload: unknown): Promise<InvokeResult> {
    const event = JSON.stringify(payload ?? null);
    if (Buffer.byteLength(event) > payloadBytes) return tooLarge('Request', event);
    if (this.requests >= this.configuration.concurrency) return throttled(this.configuration.name);
    this.requests += 1;
    try {
      const free = await this.free();
      return free ? await this.runOn(free.instance, free.cold, event) : throttled(this.configuration.name);
    } catch (error) {
      // There is no code that runs here: a fault of the function, as any other.
      const errorMessage = error instanceof Error ? error.message : String(error);
      return { ok: false, error: { errorType: 'Runtime.InvalidEntrypoint', errorMessage } };
    } finally {
      this.requests -= 1;
      this.waiting.shift()?.();
    }
  }

  describe(): InstanceState[] {
    return [...this.instances].map(({ busy, heapBytes, peakBytes, loadMs }) => ({
      busy,
      heapBytes,
      peakBytes,
      loadMs,
    }));
  }

  /** Ends every instance, busy or not, as a host failure does. The next call starts afresh. */
  async kill(): Promise<void> {
    const ending = [...this.instances];
    this.instances.clear();
    await Promise.all(ending.map((instance) => instance.kill()));
  }

  /** Ends instances that have been idle for long. */
  async trim(now: number): Promise<void> {
    const idle = [...this.instances].filter((instance) => !instance.busy && now - instance.idleSince > idleMs);
    for (const instance of idle) this.instances.delete(instance);
    await Promise.all(idle.map((instance) => instance.kill()));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.kill();
  }

  private async runOn(instance: Instance, cold: boolean, event: string): Promise<InvokeResult> {
    const id = randomUUID();
    const from = performance.now();
    const fault = this.faults.next();
    this.seeStart(event);
    const result = await instance.run({ id, event }, fault);
    if (fault) this.faults.over(fault);
    instance.busy = false;
    const { memoryMb } = this.configuration;
    this.events.ran({ requestId: id, durationMs: performance.now() - from, cpuMs: instance.cpuMs, cold, memoryMb });
    if (instance.dead) this.instances.delete(instance);
    if (!result.ok) this.events.log(JSON.stringify({ level: 'ERROR', requestId: id, ...result.error }));
    return result.ok ? this.sized(result) : result;
  }

  /** An idle instance, or a new one; waits while the host has no room for more. @returns none once closed */
  private async free(): Promise<{ instance: Instance; cold: boolean } | undefined> {
    while (!this.closed) {
      const found = this.take();
      if (found) {
        found.instance.busy = true;
        return found;
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return undefined;
  }

  private take(): { instance: Instance; cold: boolean } | undefined {
    for (const instance of this.instances) {
      if (instance.dead) this.instances.delete(instance);
      else if (!instance.busy) return { instance, cold: false };
    }
    if (this.instances.size >= hostInstances) return undefined;
    const instance = new Instance(this.configuration, this.events.log);
    this.instances.add(instance);
    return { instance, cold: true };
  }

  /** A request's text, or records of a stream. */
  private seeStart(event: string): void {
    const { logicalId } = this.configuration;
    trace.see(`${logicalId} starts`, () => (event.startsWith('{"Records"') ? '' : event));
    trace.seeRecords(`${logicalId} starts`, () => event);
  }

  private sized(result: InvokeResult & { ok: true }): InvokeResult {
    const text = JSON.stringify(result.payload ?? null);
    return Buffer.byteLength(text) > payloadBytes ? tooLarge('Response', text) : result;
  }
}

function throttled(name: string): InvokeResult {
  const errorMessage = `Rate Exceeded. ${name} has as many instances at work as it may have`;
  return { ok: false, throttled: true, error: { errorType: 'TooManyRequestsException', errorMessage } };
}

function tooLarge(what: 'Request' | 'Response', text: string): InvokeResult {
  const errorMessage = `${what} payload size (${Buffer.byteLength(text)} bytes) exceeded maximum allowed payload size (${payloadBytes} bytes).`;
  return { ok: false, error: { errorType: `Function.${what}SizeTooLarge`, errorMessage } };
}
