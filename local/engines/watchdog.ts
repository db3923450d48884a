import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

// Ends when its input ends, which a parent's death by any signal brings about; until then each line read is the list
// of the processes that live. They get five seconds to end by themselves. $1 is the lock; $2 a folder to remove.
const SCRIPT = `
trap '' INT TERM HUP
pids=
while read -r line; do pids=$line; done
for pid in $pids; do kill -TERM "$pid" 2>/dev/null; done
tries=0
while [ $tries -lt 50 ]; do
  living=
  for pid in $pids; do kill -0 "$pid" 2>/dev/null && living="$living $pid"; done
  [ -z "$living" ] && break
  sleep 0.1
  tries=$((tries + 1))
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
[ -z "$2" ] || rm -rf "$2"
rm -f "$1"
`;

/** Ends the processes that it is told of when this process ends, by whatever means, SIGKILL included. */
export class Watchdog {
  readonly #shell: ChildProcess;
  readonly #pids = new Set<number>();

  /**
   * @param lock path of a file that is removed once every process is gone
   * @param remove a folder to remove then as well
   */
  constructor(lock: string, remove: string | undefined) {
    // A session of its own: Ctrl-C in a terminal reaches the whole foreground group.
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'watchdog', lock, remove ?? ''], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.stdin?.on('error', () => undefined);
  }

  /** The process that holds the lock. */
  get pid(): number | undefined {
    return this.#shell.pid;
  }

  watch(pid: number): void {
    this.#pids.add(pid);
    this.#tell();
  }

  forget(pid: number): void {
    this.#pids.delete(pid);
    this.#tell();
  }

  /** Ends what still lives, removes the lock and the folder, and then itself. */
  async end(): Promise<void> {
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return;
    const ended = once(this.#shell, 'exit');
    this.#shell.stdin?.end();
    await ended;
  }

  #tell(): void {
    this.#shell.stdin?.write(`${[...this.#pids].join(' ')}\n`);
  }
}
