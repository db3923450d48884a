import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** Milliseconds of a fixed loop on one core, the best of five: figures of two machines compare by it. */
function loopMs(): number {
  const once = (): number => {
    const from = performance.now();
    let sum = 0;
    for (let i = 0; i < 50_000_000; i++) sum = (sum + i * 31) | 0;
    if (sum === 1) throw new Error('The sum is kept so that the loop is.');
    return performance.now() - from;
  };
  return Math.min(...Array.from({ length: 5 }, once));
}

/** Bytes that Node.js itself takes before it loads any code. */
export function bareNodeBytes(): number {
  const { stdout } = spawnSync(process.execPath, ['-p', 'process.memoryUsage().rss'], { encoding: 'utf8' });
  return Number(stdout);
}

/** The machine that figures are from, in one line. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, Node.js ${process.version}, 50 million additions in ${loopMs().toFixed(0)} ms`;
}
