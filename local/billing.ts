import type { Usage } from './model';

/**
 * How AWS rounds what it bills, unit by unit. Prices are no matter of the local stack: `bench/prices.ts` has them.
 * Sources, by service, are the pages titled "Amazon API Gateway pricing", "AWS Lambda Pricing", "Amazon Kinesis Data
 * Streams pricing", "Amazon S3 pricing" and "Amazon CloudWatch pricing", and where named the developer guides.
 */
type Units = Record<string, number>;

const KB = 1024;

/** Whole steps of what has a size, and at least one: nothing is free for being empty. */
const steps = (bytes: number, size: number): number => Math.max(1, Math.ceil(bytes / size));

/** An HTTP API meters a call in steps of 512 KB, of its request or its answer, whichever is the larger. */
export function httpUnits(requestBytes: number, answerBytes: number): Units {
  return { requests: steps(Math.max(requestBytes, answerBytes), 512 * KB), bytesOut: answerBytes };
}

/** A WebSocket API meters messages either way in steps of 32 KB. */
export function messageUnits(direction: 'in' | 'out', bytes: number): Units {
  return { messages: steps(bytes, 32 * KB), [direction === 'in' ? 'bytesIn' : 'bytesOut']: bytes };
}

/**
 * A stream on demand bills each record in whole kilobytes, a provisioned one in payload units of 25 KB; data and
 * partition key count alike ("Quotas and limits" of the Kinesis developer guide).
 * @param sizes bytes of each record's data and partition key
 */
export function putUnits(sizes: readonly number[]): Units {
  const sum = (of: (bytes: number) => number): number => sizes.reduce((total, bytes) => total + of(bytes), 0);
  return {
    items: sizes.length,
    bytes: sum((bytes) => bytes),
    kilobytes: sum((bytes) => steps(bytes, KB)),
    payloadUnits: sum((bytes) => steps(bytes, 25 * KB)),
  };
}

/**
 * Lambda bills whole milliseconds times the memory that a function is given. The duration is the one measured here,
 * where a function has more CPU than Lambda would give it and the engines are slower than AWS's: an assumption, which
 * `cpuMs`, the CPU that the function's thread used, lets a reader judge.
 */
export function invocationUnits(run: { durationMs: number; cpuMs: number; memoryMb: number; cold: boolean }): Units {
  const gbSeconds = (Math.ceil(run.durationMs) / 1000) * (run.memoryMb / 1024);
  return { gbSeconds, durationMs: run.durationMs, cpuMs: run.cpuMs, coldStarts: run.cold ? 1 : 0 };
}

/** CloudWatch bills a log event's bytes in UTF-8 and 26 more ("PutLogEvents", CloudWatch Logs API reference). */
const eventOverhead = 26;

/** What putting some log events is billed by. */
export function logUnits(lines: readonly string[]): Units {
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + eventOverhead, 0);
  return { events: lines.length, bytes };
}

/** What Lambda itself writes about an invocation: its size hardly varies. Text format of the Lambda developer guide. */
export function platformLines(requestId: string, durationMs: number, memoryMb: number): string[] {
  const duration = `Duration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${Math.ceil(durationMs)} ms`;
  return [
    `START RequestId: ${requestId} Version: $LATEST`,
    `END RequestId: ${requestId}`,
    `REPORT RequestId: ${requestId}\t${duration}\tMemory Size: ${memoryMb} MB\tMax Memory Used: ${memoryMb} MB\t`,
  ];
}

/**
 * The custom metrics of a line in the embedded metric format: CloudWatch bills each pair of a name and its dimensions'
 * values once a month, however often it is written.
 * @returns one usage a metric; none for any other line
 */
export function metricUsages(line: string): Usage[] {
  if (!line.includes('"CloudWatchMetrics"')) return [];
  const parsed = parseObject(line.slice(line.indexOf('{')));
  const directives = parseList(parseObject(parsed?._aws)?.CloudWatchMetrics).map(parseObject);
  return directives.flatMap((directive) => {
    const dimensions = parseList(parseList(directive?.Dimensions)[0]).map((name) => String(parsed?.[String(name)]));
    const names = parseList(directive?.Metrics).map((metric) => String(parseObject(metric)?.Name));
    return names.map((name) => ({
      service: 'cloudwatch',
      action: 'CustomMetric',
      function: [String(directive?.Namespace), ...dimensions, name].join('/'),
    }));
  });
}

function parseObject(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value));
  if (typeof value !== 'string') return undefined;
  try {
    return parseObject(JSON.parse(value));
  } catch {
    return undefined;
  }
}

const parseList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** S3 has a dear class of requests (PUT, COPY, POST, LIST) and a cheap one; deleting costs nothing. */
export function objectUnits(action: string, bytes: number): Units {
  const free = /^(Delete|AbortMultipart)/.test(action);
  const cheap = /^(Get|Head)/.test(action);
  return { bytes, ...(free ? {} : cheap ? { readRequests: 1 } : { writeRequests: 1 }) };
}
