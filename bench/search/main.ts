import { parseArgs } from 'node:util';
import { machine } from '../machine';
import { type Cost, Node } from './node';
import { partitionsOf, searchByPoints, searchByRows, searchesOf } from './queries';
import { austinDays, portoPhones, type Recording, versionsOf } from './sets';

const help = `npm run bench:search [-- options]

One OpenSearch node, and the same points indexed in two ways: one document a row of a minute, as Waystream does, with
each version of a row indexed as it grows, and one document a point. Documents, bytes and CPU of the node a million
points; then the time of searches for a box, an hour and fifty devices, asked of both in turn.

  --days N       Austin days (10; 2 with --short)
  --points N     points of Porto's taxis, one each 5 s (100,000; 20,000 with --short)
  --searches N   searches (400; 100 with --short)
  --short        a fifth of the work`;

const options = {
  days: { type: 'string' },
  points: { type: 'string' },
  searches: { type: 'string' },
  short: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const MILLION = 1_000_000;

function row(name: string, { sent, held, sentBytes, diskBytes, cpuSeconds }: Cost, points: number): string {
  const million = (value: number, digits = 0): string =>
    ((value * MILLION) / points).toLocaleString('en', { maximumFractionDigits: digits });
  const cells = [
    million(sent),
    million(held),
    million(sentBytes / 1024 ** 2),
    million(diskBytes / 1024 ** 2),
    million(cpuSeconds, 1),
  ];
  return `| ${[name, ...cells].join(' | ')} |`;
}

async function compare(node: Node, name: string, recording: Recording, pointsPerRequest: number): Promise<string[]> {
  console.error(`… ${name}: ${recording.length} points`);
  const rows = await node.indexRows(versionsOf(recording, pointsPerRequest));
  const points = await node.indexPoints(recording);
  return [row(`${name}, a row`, rows, recording.length), row(`${name}, a point`, points, recording.length)];
}

const printAll = (lines: readonly string[]): void => {
  for (const line of lines) console.log(line);
};

async function timed(search: () => Promise<number>): Promise<{ ms: number; hits: number }> {
  const from = performance.now();
  const hits = await search();
  return { ms: performance.now() - from, hits };
}

const quantile = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);

async function search(node: Node, recording: Recording, count: number): Promise<void> {
  const partitions = partitionsOf(recording);
  const times: Record<'a row' | 'a point', number[]> = { 'a row': [], 'a point': [] };
  let hits = 0;
  for (const [index, asked] of searchesOf(recording, count + 50).entries()) {
    const byRows = await timed(() => searchByRows(node, asked, partitions));
    const byPoints = await timed(() => searchByPoints(node, asked, partitions));
    if (byRows.hits !== byPoints.hits)
      throw new Error(`${byRows.hits} and ${byPoints.hits} hits for ${JSON.stringify(asked)}`);
    // The first warm the node up.
    if (index < 50) continue;
    times['a row'].push(byRows.ms);
    times['a point'].push(byPoints.ms);
    hits += byRows.hits;
  }
  console.log(`\n${count} searches, ${(hits / count).toFixed(0)} hits each, the same in both.\n`);
  console.log('| one document | p50 (ms) | p99 (ms) |\n|---|--:|--:|');
  for (const [name, all] of Object.entries(times)) {
    const sorted = all.sort((a, b) => a - b);
    console.log(`| ${name} | ${quantile(sorted, 0.5)} | ${quantile(sorted, 0.99)} |`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(help);
  const of = (value: string | undefined, full: number): number => Number(value ?? (values.short ? full / 5 : full));
  const [days, points, searches] = [of(values.days, 10), of(values.points, 100_000), of(values.searches, 400)];
  console.log(`${machine()}.\n`);
  const node = await Node.start();
  try {
    const phones = await portoPhones(points);
    console.error('… warming up');
    await compare(node, 'warm-up', phones.slice(0, 20_000), 5);
    console.log('| a million points, one document | sent | held | MB sent | MB on disk | CPU of the node (s) |');
    console.log('|---|--:|--:|--:|--:|--:|');
    for (const perRequest of [5, 1]) {
      await node.clear();
      await compare(node, `Porto each 5 s, ${perRequest} a request`, phones, perRequest).then(printAll);
    }
    await node.clear();
    const austin = await austinDays(days);
    await compare(node, `${days} Austin days, 1 a request`, austin, 1).then(printAll);
    await search(node, austin, searches);
  } finally {
    await node.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
