import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalFunctions } from '../../../local/functions';
import type { FunctionConfiguration } from '../../../local/functions/configuration';
import type { May } from '../../../local/functions/duties';
import { LocalMeter } from '../../../local/meter';
import type { Template } from '../../../local/model';

const folder = mkdtempSync(join(tmpdir(), 'functions-'));
const lines: string[] = [];
const meter = new LocalMeter();
let functions: LocalFunctions | undefined;

const noResources: Template = {
  resources: [],
  outputs: {},
  ofType: () => [],
  find: () => {
    throw new Error('empty');
  },
};

function start(code: string, change: Partial<FunctionConfiguration> = {}, may?: May): LocalFunctions {
  const home = mkdtempSync(join(folder, 'bundle-'));
  writeFileSync(join(home, 'index.js'), code);
  const configuration: FunctionConfiguration = {
    name: 'f',
    logicalId: 'Fn',
    arn: 'arn:aws:lambda:eu-central-1:000000000000:function:f',
    roleArn: 'arn:aws:iam::000000000000:role/f',
    folder: home,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    memoryMb: 128,
    timeoutMs: 3000,
    concurrency: 2,
    environment: { GREETING: 'hello' },
    networked: false,
    platformLogs: true,
    logGroupArn: 'arn:aws:logs:eu-central-1:000000000000:log-group:f',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    ...change,
  };
  functions = new LocalFunctions([configuration], noResources, meter, (_, line) => lines.push(line), may);
  return functions;
}

beforeEach(() => {
  lines.length = 0;
  meter.reset();
});
afterEach(() => functions?.close());
afterAll(() => rmSync(folder, { recursive: true }));

test('a handler gets its event, its context and exactly its own environment', async () => {
  const own = start(
    `exports.handler = async (event, context) => ({ event, name: context.functionName, arn: context.invokedFunctionArn,
       memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis() > 0, env: process.env });`,
  );
  const arn = 'arn:aws:lambda:eu-central-1:000000000000:function:f';
  expect(await own.invoke(arn, { a: 1 })).toEqual({
    ok: true,
    payload: { event: { a: 1 }, name: 'f', arn, memory: '128', left: true, env: { GREETING: 'hello' } },
  });
});

test('an instance is kept between requests and serves one at a time; more requests start more instances', async () => {
  const own = start(
    `let served = 0, inside = 0;
     exports.handler = async () => {
       if (++inside > 1) throw new Error('two at once');
       await new Promise((resolve) => setTimeout(resolve, 50));
       inside--;
       return ++served;
     };`,
  );
  const first = await Promise.all([own.invoke('f', {}), own.invoke('f', {})]);
  const second = await own.invoke('f', {});
  expect(first).toEqual([
    { ok: true, payload: 1 },
    { ok: true, payload: 1 },
  ]);
  expect(second).toEqual({ ok: true, payload: 2 });
  const line = meter.snapshot().find(({ action }) => action === 'Invoke');
  expect(line).toMatchObject({ function: 'Fn', calls: 3, units: { coldStarts: 2 } });
});

test('what a run uses of its thread is told apart from how long it takes', async () => {
  const own = start(`exports.handler = async ({ work }) => {
    const until = Date.now() + 60;
    if (work) while (Date.now() < until);
    else await new Promise((resolve) => setTimeout(resolve, 60));
    console.log('done');
  };`);
  const used = async (work: boolean) => {
    meter.reset();
    await own.invoke('f', { work });
    return meter.snapshot().find(({ action }) => action === 'Invoke')?.units ?? {};
  };
  const [busy, waiting] = [await used(true), await used(false)];
  if (process.platform === 'linux') expect(busy.cpuMs).toBeGreaterThan(2 * (waiting.cpuMs ?? 0));
  expect(waiting.durationMs).toBeGreaterThan(50);
});

test('with JSON as the format, what goes through the console is wrapped, other lines stay as they are', async () => {
  const code = `exports.handler = async () => {
    console.error('%d points', 3);
    process.stdout.write(JSON.stringify({ _aws: {} }) + '\\n');
    return 1;
  };`;
  const own = start(code, { environment: { AWS_LAMBDA_LOG_FORMAT: 'JSON' }, platformLogs: false });
  await own.invoke('f', {});
  for (let tries = 0; lines.length < 2 && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  const [said, wrapped] = lines.map((line): object => JSON.parse(line)).sort((a) => ('_aws' in a ? -1 : 1));
  expect(said).toEqual({ _aws: {} });
  expect(wrapped).toEqual({
    timestamp: expect.any(String),
    level: 'ERROR',
    requestId: expect.any(String),
    message: '3 points',
  });
  expect(meter.snapshot().map(({ action }) => action)).not.toContain('PlatformLogEvents');
});

test('each line that a function writes, and the three about each of its runs, are metered as log events', async () => {
  const own = start(`exports.handler = async () => console.log('x'.repeat(100));`);
  await own.invoke('f', {});
  const logs = () =>
    meter
      .snapshot()
      .filter(({ service }) => service === 'logs')
      .sort((a, b) => (a.action < b.action ? -1 : 1));
  for (let tries = 0; logs().length < 2 && tries < 100; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(logs()).toMatchObject([
    { action: 'PlatformLogEvents', function: 'Fn', calls: 1, units: { events: 3 } },
    { action: 'PutLogEvents', function: 'Fn', calls: 1, units: { events: 1, bytes: 126 } },
  ]);
});

test('a request beyond the concurrency is throttled', async () => {
  const own = start('exports.handler = () => new Promise((resolve) => setTimeout(resolve, 100));');
  const results = await Promise.all([own.invoke('f', {}), own.invoke('f', {}), own.invoke('f', {})]);
  expect(results[2]).toMatchObject({ ok: false, throttled: true, error: { errorType: 'TooManyRequestsException' } });
  expect(results.slice(0, 2).every((each) => each.ok)).toBe(true);
});

test('requests beyond what the host runs at a time wait for their turn', async () => {
  const own = start('exports.handler = () => new Promise((resolve) => setTimeout(resolve, 30));', {
    concurrency: 1000,
  });
  const results = await Promise.all(Array.from({ length: 25 }, () => own.invoke('f', {})));
  expect(results.every((each) => each.ok)).toBe(true);
  expect(own.describe()[0]?.instances).toHaveLength(10);
});

test('a timeout ends the instance, even in an endless loop, and reads as in Lambda', async () => {
  const own = start('let n = 0; exports.handler = async (stuck) => { n++; while (stuck) {} return n; };', {
    timeoutMs: 200,
  });
  await own.invoke('f', false);
  const result = await own.invoke('f', true);
  expect(result).toMatchObject({ ok: false, timedOut: true, error: { errorType: 'Sandbox.Timedout' } });
  expect(JSON.stringify(result)).toMatch(/Task timed out after 0\.20 seconds/);
  expect(await own.invoke('f', false)).toEqual({ ok: true, payload: 1 });
});

test('what a handler throws comes back with its type, message and trace', async () => {
  const own = start(`exports.handler = async () => { throw new TypeError('no such thing'); };`);
  const result = await own.invoke('f', {});
  expect(result).toMatchObject({ ok: false, error: { errorType: 'TypeError', errorMessage: 'no such thing' } });
  expect(lines.join()).toContain('no such thing');
});

test.each([
  ['an uncaught error', `setTimeout(() => { throw new RangeError('escaped'); }, 5)`, 'RangeError'],
  ['an unhandled rejection', `Promise.reject(new Error('escaped'))`, 'Runtime.UnhandledPromiseRejection'],
  ['an exit', 'process.exit(7)', 'Runtime.ExitError'],
])('%s ends that instance only', async (_, fault, errorType) => {
  const own = start(
    `let n = 0; exports.handler = async (event) => { n++;
       if (event === 'slow') await new Promise((resolve) => setTimeout(resolve, 100));
       if (event === 'fault') { ${fault}; await new Promise(() => {}); }
       return n; };`,
  );
  const slow = own.invoke('f', 'slow');
  expect(await own.invoke('f', 'fault')).toMatchObject({ ok: false, error: { errorType } });
  expect(await slow).toEqual({ ok: true, payload: 1 });
});

test('code that does not load is a fault of each request', async () => {
  const own = start('throw new SyntaxError("broken bundle");');
  expect(await own.invoke('f', {})).toMatchObject({ ok: false, error: { errorMessage: 'broken bundle' } });
});

test('a function without code that runs here fails as any other', async () => {
  const own = start('', { runtime: 'python3.13' });
  expect(await own.invoke('f', {})).toMatchObject({ ok: false, error: { errorType: 'Runtime.InvalidEntrypoint' } });
});

test('a request of more than 6 MB is refused', async () => {
  const own = start('exports.handler = async () => 1;');
  expect(await own.invoke('f', 'x'.repeat(6 * 1024 * 1024))).toMatchObject({
    ok: false,
    error: { errorType: 'Function.RequestSizeTooLarge' },
  });
});

test('an event is retried twice and then dropped, by name in the log', async () => {
  const own = start(`exports.handler = async () => { console.log('tried'); throw new Error('never'); };`);
  await own.invoke('f', {}, { type: 'event' });
  const deadline = Date.now() + 15_000;
  while (!lines.some((line) => line.includes('dropped')) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(lines.filter((line) => line === 'tried')).toHaveLength(3);
}, 20_000);

/** Writes a line when it begins and when it ends, 150 ms later. */
const slow = `exports.handler = async () => { console.log('begun'); await new Promise((resolve) => setTimeout(resolve, 150));
  console.log('done'); return 'answer'; };`;
const answered = { ok: true, payload: 'answer' };

test('the next invocations are ended in the midst of their work, and no more than planned', async () => {
  const own = start(slow);
  await own.invoke('f', {});
  own.plan('f', { kill: { afterMs: 30 }, invocations: 2 });
  const results = [await own.invoke('f', {}), await own.invoke('f', {}), await own.invoke('f', {})];
  expect(results).toMatchObject([{ ok: false, error: { errorType: 'Runtime.ExitError' } }, { ok: false }, answered]);
  expect(lines.filter((line) => line === 'begun')).toHaveLength(4);
  expect(lines.filter((line) => line === 'done')).toHaveLength(2);
  expect(own.describe()[0]?.faults).toBe(2);
});

test('an invocation that ends before its fault leaves it to the next', async () => {
  const own = start('exports.handler = (ms) => new Promise((resolve) => setTimeout(() => resolve("answer"), ms));');
  own.plan('f', { kill: { afterMs: 100 }, invocations: 1 });
  const results = [await own.invoke('f', 0), await own.invoke('f', 2_000), await own.invoke('f', 0)];
  expect(results).toMatchObject([answered, { ok: false }, answered]);
});

test('an invocation is ended once the function has made so many calls', async () => {
  const own = start(slow);
  own.plan('f', { kill: { afterCalls: 2 }, invocations: 1 });
  const running = own.invoke('f', {});
  await untilSaid('begun');
  own.called('Fn');
  own.called('somebody else');
  expect(own.describe()[0]?.faults).toBe(0);
  own.called('Fn');
  expect(await running).toMatchObject({ ok: false, error: { errorType: 'Runtime.ExitError' } });
  expect(await own.invoke('f', {})).toEqual(answered);
});

test('a timeout may strike after the work and before the answer', async () => {
  const own = start(slow);
  own.plan('f', { timeout: true, invocations: 1 });
  const late = await own.invoke('f', {});
  expect(late).toMatchObject({ ok: false, timedOut: true, error: { errorType: 'Sandbox.Timedout' } });
  expect(lines).toContain('done');
  expect(await own.invoke('f', {})).toEqual(answered);
  expect(own.describe()[0]?.faults).toBe(1);
});

async function untilSaid(line: string): Promise<void> {
  while (!lines.includes(line)) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a function whose role may not have network interfaces can’t run in a network', async () => {
  const own = start(
    `exports.handler = async () => 'ran';`,
    { networked: true },
    (_, action) => !action.startsWith('ec2:'),
  );
  const errorMessage = 'Need additional permissions to configure VPC settings.';
  expect(await own.invoke('f', {})).toEqual({
    ok: false,
    error: { errorType: 'EC2AccessDeniedException', errorMessage },
  });
});

test.each(['logs:CreateLogStream', 'logs:PutLogEvents'])(
  'without %s a function runs, and its lines are in no log',
  async (denied) => {
    // Long enough for the line to come out of the thread.
    const handler = `exports.handler = async () => { console.log('said'); await new Promise((end) => setTimeout(end, 200)); };`;
    const own = start(handler, {}, (_, action) => action !== denied);
    expect(await own.invoke('f', {})).toMatchObject({ ok: true });
    expect(lines).toEqual([]);
    await own.close();
    await start(handler).invoke('f', {});
    expect(lines).toEqual(['said']);
  },
);
