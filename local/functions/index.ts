import { invocationUnits, logUnits, metricUsages, platformLines } from '../billing';
import type { Functions, InvokeResult, InvokeType, Log, Meter, Template } from '../model';
import { TemplateError } from '../model';
import { readAll } from '../template/known';
import { eventInvokeConfig } from '../template/schemas';
import type { FunctionConfiguration } from './configuration';
import { type May, mayLog, networkFault } from './duties';
import type { PlannedFault } from './faults';
import { type InstanceState, Pool, type Run } from './pool';

export interface FunctionState {
  name: string;
  logicalId: string;
  arn: string;
  instances: InstanceState[];
  /** planned faults that have struck */
  faults: number;
}

/** Retries and lifetime of a queued invocation. Delays between tries are Lambda's minutes, shortened to seconds. */
interface EventPolicy {
  retries: number;
  maximumAgeMs: number;
}

const defaultPolicy: EventPolicy = { retries: 2, maximumAgeMs: 21_600_000 };
const retryDelaysMs = [1_000, 2_000];

/** Queued invocations of one function that wait at a time; more are refused, so that memory stays bounded. */
const queueLimit = 1_000;

/** Every function of the template, started when first called. */
export class LocalFunctions implements Functions {
  private readonly pools = new Map<string, Pool>();
  private readonly policies = new Map<string, EventPolicy>();
  private readonly queued = new Map<Pool, Set<Promise<void>>>();
  private readonly trimming: NodeJS.Timeout;
  private readonly closing = new AbortController();
  private all: Pool[] = [];

  constructor(
    configurations: readonly FunctionConfiguration[],
    template: Template,
    private readonly meter: Meter,
    private readonly log: Log,
    /** what the functions' roles allow */
    private readonly may: May = () => true,
  ) {
    for (const configuration of configurations) this.add(configuration);
    for (const { properties } of readAll(template, 'AWS::Lambda::EventInvokeConfig', eventInvokeConfig)) {
      const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age } = properties;
      this.policies.set(this.pool(properties.FunctionName).configuration.arn, { retries, maximumAgeMs: age * 1000 });
    }
    this.trimming = setInterval(() => this.trim(), 30_000).unref();
  }

  async invoke(name: string, payload: unknown, { type = 'sync' }: { type?: InvokeType } = {}): Promise<InvokeResult> {
    const pool = this.pool(name);
    if (type === 'sync') return this.run(pool, payload);
    const queue = this.queued.get(pool) ?? new Set();
    this.queued.set(pool, queue);
    if (queue.size >= queueLimit) {
      const errorMessage = `${queueLimit} events wait for ${pool.configuration.name} already`;
      return { ok: false, throttled: true, error: { errorType: 'TooManyRequestsException', errorMessage } };
    }
    const work = this.deliver(pool, payload).finally(() => queue.delete(work));
    queue.add(work);
    return { ok: true, payload: null };
  }

  /** @throws TemplateError when there is no such function */
  configuration(name: string): FunctionConfiguration {
    return this.pool(name).configuration;
  }

  /** Ends the instances of a function, as a fault would. */
  async kill(name: string): Promise<void> {
    await this.pool(name).kill();
  }

  /** Has the next invocations of a function fail. */
  plan(name: string, fault: PlannedFault): void {
    this.pool(name).faults.set(fault);
  }

  /** AWS has answered a call. @param caller a function's logical id, or anybody's name */
  called(caller: string): void {
    this.pools.get(caller)?.faults.called();
  }

  describe(): FunctionState[] {
    return this.all.map((pool) => {
      const { name, logicalId, arn } = pool.configuration;
      return { name, logicalId, arn, instances: pool.describe(), faults: pool.faults.struck };
    });
  }

  async close(): Promise<void> {
    clearInterval(this.trimming);
    this.closing.abort();
    await Promise.all(this.all.map((pool) => pool.close()));
    await Promise.all([...this.queued.values()].flatMap((queue) => [...queue]));
  }

  private add(configuration: FunctionConfiguration): void {
    const { name, arn, logicalId } = configuration;
    const pool = new Pool(configuration, {
      log: (line) => this.said(configuration, line),
      ran: (run) => this.count(configuration, run),
    });
    this.all.push(pool);
    for (const key of [name, arn, logicalId]) this.pools.set(key, pool);
  }

  /** A function that is to be in a network and may not be has no place to run. */
  private async run(pool: Pool, payload: unknown): Promise<InvokeResult> {
    const error = networkFault(pool.configuration, this.may);
    return error ? { ok: false, error } : pool.run(payload);
  }

  private said(configuration: FunctionConfiguration, line: string): void {
    if (!mayLog(configuration, this.may)) return;
    const { logicalId } = configuration;
    this.meter.add({ service: 'logs', action: 'PutLogEvents', function: logicalId, units: logUnits([line]) });
    for (const usage of metricUsages(line)) this.meter.add(usage);
    this.log(logicalId, line);
  }

  private count(configuration: FunctionConfiguration, run: Run): void {
    const { logicalId } = configuration;
    this.meter.add({ service: 'lambda', action: 'Invoke', function: logicalId, units: invocationUnits(run) });
    // Lambda's own lines go where the function's go.
    if (!configuration.platformLogs || !mayLog(configuration, this.may)) return;
    const units = logUnits(platformLines(run.requestId, run.durationMs, run.memoryMb));
    this.meter.add({ service: 'logs', action: 'PlatformLogEvents', function: logicalId, units });
  }

  private pool(name: string): Pool {
    const found = this.pools.get(name) ?? this.pools.get(name.replace(/:\$?[A-Za-z]+$/, ''));
    if (!found) throw new TemplateError(`no function ${name} in the template`);
    return found;
  }

  private async deliver(pool: Pool, payload: unknown): Promise<void> {
    const { retries, maximumAgeMs } = this.policies.get(pool.configuration.arn) ?? defaultPolicy;
    const until = Date.now() + maximumAgeMs;
    let failures = 0;
    while (!this.closing.signal.aborted && Date.now() < until) {
      const result = await this.run(pool, payload);
      if (result.ok) return;
      // A throttled event was never tried: it waits for its turn, up to its age.
      if (!result.throttled) failures += 1;
      if (failures > retries) break;
      await sleep(result.throttled ? 100 : (retryDelaysMs[failures - 1] ?? 2_000), this.closing.signal);
    }
    this.log(pool.configuration.logicalId, 'an event was dropped: its retries or its time are used up');
  }

  private trim(): void {
    const now = Date.now();
    Promise.all(this.all.map((pool) => pool.trim(now))).catch((error: unknown) => this.log('functions', String(error)));
  }
}

/** Waits; returns early when the signal is aborted. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}
