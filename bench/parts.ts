import { readdirSync, readFileSync } from 'node:fs';

/** What a part of the local stack takes of the machine. */
export interface Part {
  pid: number;
  name: string;
  rssBytes: number;
  /** CPU time since it started */
  cpuMs: number;
}

const PAGE_BYTES = 4_096;
const TICK_MS = 10;

/** Engines by what stands in their command line. */
const engines: readonly (readonly [name: string, sign: RegExp])[] = [
  ['DynamoDB Local', /DynamoDbServer/],
  ['OpenSearch', /SearchNode/],
  ['S3Mock', /ObjectStore/],
  ['kinesalite', /kinesis-server\.cjs/],
  ['Valkey', /valkey-server/],
];

interface Process {
  pid: number;
  parent: number;
  command: string;
  rssBytes: number;
  cpuMs: number;
}

/**
 * The processes of a local stack: itself with its functions' threads, and each engine. Linux only.
 * Source: proc(5), `/proc/[pid]/stat`.
 * @param pid the stack's
 */
export function partsOf(pid: number): Part[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)));
  const own = new Set([pid]);
  // A child is younger than its parent, and process ids wrap round seldom: a few rounds find them all.
  for (let round = 0; round < 4; round++) for (const each of all) if (own.has(each.parent)) own.add(each.pid);
  return all
    .filter((each) => own.has(each.pid))
    .flatMap((each) => {
      const name = each.pid === pid ? 'stack and functions' : engines.find(([, sign]) => sign.test(each.command))?.[0];
      return name === undefined ? [] : [{ pid: each.pid, name, rssBytes: each.rssBytes, cpuMs: each.cpuMs }];
    });
}

/** @returns nothing where the process has ended meanwhile */
function read(pid: number): Process[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before it may hold blanks and brackets.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    const cpuMs = ((fields[11] ?? 0) + (fields[12] ?? 0)) * TICK_MS;
    return [{ pid, parent, command, rssBytes: (fields[21] ?? 0) * PAGE_BYTES, cpuMs }];
  } catch {
    return [];
  }
}
