import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { MemoryServer } from '../../test/client/server';
import { seeded } from '../random';

/** What came of killing a tracker again and again. */
export interface PowerCuts {
  kills: number;
  /** Points whose keeping was acknowledged before a kill. */
  acknowledged: number;
  /** Of those, not on the server in the end. */
  lost: number[];
  /** Points that the server has under more than one time. */
  doubled: number[];
  /** Points that reached the server more than once, and count once. */
  repeated: number;
}

/** The device's clock is an hour behind the server's: a time mended anew by each process would double its point. */
const BEHIND_MS = 3_600_000;
const LONGEST_LIFE_MS = 400;

/** One in five answers is lost after the points were taken, one in ten requests fails. */
function faulty(server: MemoryServer, random: () => number): void {
  server.fault = () => {
    const drawn = random();
    if (drawn < 0.2) return { status: 202, afterTaking: true, cut: true };
    return drawn < 0.3 ? { status: 500 } : undefined;
  };
}

/** The numbers that a child has printed, whole lines only: a kill may cut one. */
function heard(child: ChildProcess): () => number[] {
  let text = '';
  child.stdout?.on('data', (data: Buffer) => {
    text += String(data);
  });
  return () => text.split('\n').slice(0, -1).map(Number);
}

/** Runs a tracker and kills it: now and then before it has begun, mostly some moments after its first point. */
async function lifeOf(start: () => ChildProcess, random: () => number): Promise<number[]> {
  const child = start();
  const numbers = heard(child);
  const ended = once(child, 'close');
  if (random() < 0.8 && child.stdout) await Promise.race([once(child.stdout, 'data'), ended]);
  await sleep(random() * LONGEST_LIFE_MS);
  child.kill('SIGKILL');
  await ended;
  return numbers();
}

/**
 * Kills a tracker at random moments, each time starting another on the same log, then lets a last one send what is
 * left. The tracker runs in a process of its own, against a server that loses answers.
 */
export async function powerCuts(kills: number, seed: number, onKill = (_done: number) => {}): Promise<PowerCuts> {
  const folder = await mkdtemp(join(tmpdir(), 'waystream-power-cut-'));
  const script = join(folder, 'tracker.cjs');
  const entry = join(__dirname, 'killed-tracker.ts');
  await build({ entryPoints: [entry], outfile: script, bundle: true, platform: 'node', logLevel: 'warning' });
  const server = await MemoryServer.open(() => Date.now() + BEHIND_MS);
  const random = seeded(seed);
  faulty(server, random);
  const start = (what: string) => () =>
    spawn(process.execPath, [script, server.url, join(folder, 'log'), what], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const acknowledged = new Set<number>();
    for (let done = 0; done < kills; done++) {
      // Numbers of one life are its own, whether or not they were heard of.
      for (const number of await lifeOf(start(String(done * 100_000)), random)) acknowledged.add(number);
      onKill(done + 1);
    }
    const last = start('drain')();
    const [code] = await once(last, 'close');
    if (code !== 0) throw new Error(`The last tracker ended with ${code}.`);
    return { kills, ...judge(server, acknowledged) };
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function judge(server: MemoryServer, acknowledged: ReadonlySet<number>): Omit<PowerCuts, 'kills'> {
  const times = new Map<number, number>();
  for (const { point } of server.taken.values()) {
    const number = Number(point.attributes?.number);
    times.set(number, (times.get(number) ?? 0) + 1);
  }
  return {
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter((number) => !times.has(number)),
    doubled: [...times].filter(([, count]) => count > 1).map(([number]) => number),
    repeated: [...server.taken.values()].filter((each) => each.times > 1).length,
  };
}
