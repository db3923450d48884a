import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the kernel's clock in a second. Source: proc(5), sysconf(_SC_CLK_TCK), 100 on Linux. */
const TICKS = 100;

interface Stat {
  parent: number;
  /** CPU that it used, in seconds; with that of its children which have ended. */
  seconds: number;
  endedChildren: number;
}

/** Reads proc(5)'s stat of a process or a thread. @returns undefined where it has ended */
function stat(path: string): Stat | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    // The name, in parentheses, may hold anything: fields count from behind it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (...at: number[]): number => at.reduce((sum, index) => sum + Number(fields[index] ?? 0), 0) / TICKS;
    return { parent: Number(fields[1] ?? 0), seconds: ticks(11, 12), endedChildren: ticks(13, 14) };
  } catch {
    return undefined;
  }
}

const numbersIn = (folder: string): number[] =>
  readdirSync(folder)
    .map(Number)
    .filter((each) => Number.isInteger(each));

/** The processes that a process has started and that live. Linux only. */
function childrenOf(pid: number): number[] {
  return numbersIn('/proc').filter((each) => stat(`/proc/${each}/stat`)?.parent === pid);
}

/** CPU seconds of a process, of those that it started, and of theirs. Linux only. */
export function cpuOfTree(pid: number): number {
  const own = stat(`/proc/${pid}/stat`);
  if (!own) return 0;
  return childrenOf(pid).reduce((sum, child) => sum + cpuOfTree(child), own.seconds + own.endedChildren);
}

/** CPU seconds of a process's main thread, and of all its other threads. Linux only. */
export function cpuOfThreads(pid: number): { main: number; others: number } {
  const main = stat(`/proc/${pid}/task/${pid}/stat`)?.seconds ?? 0;
  return { main, others: (stat(`/proc/${pid}/stat`)?.seconds ?? 0) - main };
}
