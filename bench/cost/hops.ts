import type { MeterLine } from '../../local/model';
import { add, type Bill } from '../prices';
import { cacheUnits, type ValkeyUsage } from '../valkey-usage';

/** The way of a position, hop by hop. `clock` is what runs once a minute whether or not positions come. */
export const hops = [
  'API',
  'ingest',
  'stream',
  'live',
  'viewers',
  'tracks',
  'rides',
  'correction',
  'Valkey',
  'logs',
  'search',
  'clock',
  'other',
] as const;
export type Hop = (typeof hops)[number];

const GB = 1024 ** 3;

/** Bytes of an answer's headers, which leave AWS too; of a post's to a connection. Assumed, as no meter counts them. */
const ANSWER_HEADERS = 250;
const POST_HEADERS = 900;

/** Base64 and JSON make a record's way to the stream longer. */
const RECORD_ON_THE_WAY = 4 / 3;

/** The hop of a function, by its logical id. */
export function hopOf(name: string): Hop {
  if (name.startsWith('LiveOnSweep')) return 'clock';
  const areas: [RegExp, Hop][] = [
    [/^IngestOn/, 'ingest'],
    [/^LiveOn/, 'live'],
    [/^TracksOn/, 'tracks'],
    [/^RidesOn/, 'rides'],
    [/^CorrectionOn/, 'correction'],
    [/^SearchOn/, 'search'],
    [/^AccessOn/, 'viewers'],
  ];
  return areas.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}

type Billed = [Hop, Bill];

/** How each service's lines are billed. */
const services: Readonly<Record<string, (line: MeterLine, of: (unit: string) => number) => Billed>> = {
  apigateway: ({ action, function: name, calls }, of) => {
    if (action === 'HttpRequest') {
      const bill = { httpRequests: of('requests'), outGb: (of('bytesOut') + calls * ANSWER_HEADERS) / GB };
      return [name === 'POST /v1/positions' ? 'API' : 'other', bill];
    }
    const connectionMinutes = of('connectionMinutes');
    return ['viewers', { socketMessages: of('messages'), connectionMinutes, outGb: of('bytesOut') / GB }];
  },
  lambda: ({ function: name, calls }, of) => [hopOf(name), { invocations: calls, gbSeconds: of('gbSeconds') }],
  kinesis: ({ action }, of) => {
    if (action === 'GetRecords') return ['stream', { streamGbOut: of('bytes') / GB }];
    if (action === 'SubscribeToShard') return ['stream', { onDemandFanOutGb: of('bytes') / GB }];
    const endpointGb = (of('bytes') * RECORD_ON_THE_WAY) / GB;
    return ['stream', { streamGbIn: (of('kilobytes') * 1024) / GB, endpointGb }];
  },
  dynamodb: ({ function: name }, of) => [hopOf(name), { writeUnits: of('writeUnits'), readUnits: of('readUnits') }],
  s3: (_, of) => ['other', { objectWrites: of('writeRequests'), objectReads: of('readRequests') }],
  'execute-api': ({ calls }, of) => ['viewers', { natGb: (of('bytes') + calls * POST_HEADERS) / GB }],
  logs: ({ function: name }, of) => [hopOf(name) === 'clock' ? 'clock' : 'logs', { logGb: of('bytes') / GB }],
};

/**
 * What the meter has counted, by hop, with the stream on demand. Lines of services that cost nothing by use (a search
 * domain's requests, Lambda's own reads of a table's stream) bear no units.
 * @param usage what was asked of Valkey in the same time
 */
export function billOf(lines: readonly MeterLine[], usage: ValkeyUsage): Map<Hop, Bill> {
  const billed = lines.flatMap((line): Billed[] => {
    const bill = services[line.service]?.(line, (unit) => line.units[unit] ?? 0);
    return bill ? [bill] : [];
  });
  billed.push(['Valkey', { cacheUnits: cacheUnits(usage) }]);
  return new Map(hops.map((hop) => [hop, add(billed.filter(([each]) => each === hop).map(([, bill]) => bill))]));
}

/** The sum of a unit over the lines that fit. */
export const total = (lines: readonly MeterLine[], unit: string, fits: (line: MeterLine) => boolean): number =>
  lines.filter(fits).reduce((sum, line) => sum + (line.units[unit] ?? 0), 0);
