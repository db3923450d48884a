import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { eventually, startedStack } from '../system/stack';
import type { Fault, Rig } from './harness';

/** Every process that a process has started, its children's as well. */
function descendantsOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const processes = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    processes.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A stack that keeps its data, and may be ended by force and started again on the same port. */
export class Killable {
  /** @param args `--port` and `--data` among them */
  constructor(
    readonly name: string,
    readonly args: string[],
  ) {}

  /** @param whole with its engines, and what would stop them; else its own process group alone */
  async kill({ client }: Rig, whole: boolean): Promise<void> {
    const { pid } = client.place;
    const engines = descendantsOf(pid);
    for (const each of whole ? engines : []) process.kill(each, 'SIGKILL');
    process.kill(-pid, 'SIGKILL');
    await eventually(
      () => ![pid, ...engines].some(alive),
      30_000,
      () => 'something of the stack lives on',
    );
    rmSync(this.readyFile);
  }

  async start({ client }: Rig): Promise<void> {
    // Only the AWS endpoint's port and the process are others than before.
    Object.assign(client.place, await startedStack(this.name, this.args));
  }

  /** Stops it in order, so that its data may be removed. */
  async stop(rig?: Rig): Promise<void> {
    if (!rig || !alive(rig.client.place.pid)) return;
    process.kill(rig.client.place.pid, 'SIGTERM');
    await eventually(() => !alive(rig.client.place.pid), 30_000);
  }

  private get readyFile(): string {
    return join(z.string().parse(process.env.WAYSTREAM_TEST_DIR), `${this.name}.json`);
  }
}

/** The stack's process group is ended; its engines notice and end by themselves. */
export const groupKilled = (stack: Killable): Fault => ({
  name: 'Stack killed and restarted',
  seconds: 0,
  begin: async (rig) => {
    await stack.kill(rig, false);
    await stack.start(rig);
  },
  end: async () => undefined,
});

/** Everything is ended at once, in the midst of whatever it did. @param meanwhile what happens to its data */
export const powerCut = (stack: Killable, meanwhile: () => void): Fault => ({
  name: 'Stack and engines killed, Valkey emptied, and restarted',
  seconds: 0,
  begin: async (rig) => {
    await stack.kill(rig, true);
    meanwhile();
    await stack.start(rig);
  },
  end: async () => undefined,
});

/** @returns a new folder for a stack's data: in memory where the system has such a disk, as a test's stack has it */
export const keptFolder = (): string =>
  mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'waystream-kept-'));

/** Valkey starts empty the next time. @param data the stack's folder */
export function forgetValkey(data: string): void {
  rmSync(join(data, 'engines', 'valkey', 'appendonlydir'), { recursive: true });
}
