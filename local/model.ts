/** The shapes that the parts of the local stack share. */

/** A resource of the assembly after its intrinsic functions are resolved. Unique by stack and logical id. */
export interface Resource {
  stack: string;
  logicalId: string;
  type: string;
  /** what `Ref` gives for it */
  ref: string;
  /** what `Fn::GetAtt` gives for it, by attribute name */
  attributes: Readonly<Record<string, unknown>>;
  properties: Record<string, unknown>;
  metadata: Readonly<Record<string, unknown>>;
}

/** Every stack of one cloud assembly, resolved, in the order in which they deploy. */
export interface Template {
  resources: readonly Resource[];
  ofType(type: string): Resource[];
  /** @throws when no stack, or more than one, has a resource of this logical id */
  find(logicalId: string): Resource;
  /** outputs by stack name, then by output name */
  outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The error document of the Lambda runtime: what `Invoke` answers with `X-Amz-Function-Error`. */
export interface FunctionFault {
  errorType: string;
  errorMessage: string;
  trace?: string[] | undefined;
}

export type InvokeResult =
  | { ok: true; payload: unknown }
  | { ok: false; error: FunctionFault; timedOut?: boolean; throttled?: boolean };

/** `sync` waits for the answer; `event` is queued, retried as the function's configuration says, and answers at once. */
export type InvokeType = 'sync' | 'event';

export interface Functions {
  /**
   * Runs a function. Faults of the function are results, never rejections.
   * @param functionName its ARN, name or logical id
   */
  invoke(functionName: string, payload: unknown, options?: { type?: InvokeType }): Promise<InvokeResult>;
}

/** One billable event. `units` are amounts by name: `items`, `bytes`, `readUnits`, `writeUnits`, `gbSeconds`, … */
export interface Usage {
  service: string;
  action: string;
  /** logical name of the calling function, or of the part of the stack that called */
  function: string;
  units?: Readonly<Record<string, number>>;
}

/** Sum of all usages of one service, action and function. */
export interface MeterLine {
  service: string;
  action: string;
  function: string;
  calls: number;
  units: Record<string, number>;
}

/** Counts what AWS would bill. */
export interface Meter {
  add(usage: Usage): void;
  snapshot(): MeterLine[];
  reset(): void;
}

/** Says what happens: `part` is a function's name or a part of the stack. */
export type Log = (part: string, line: string) => void;

/** The assembly has something that the local stack does not know, or that can't be resolved. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export const region = 'eu-central-1';

/** The key of whoever runs the stack: it may do everything, as the root user of an account. */
export const rootCredentials = { accessKeyId: 'LOCALROOT00000000000', secretAccessKey: 'local' } as const;
export const accountId = '000000000000';
export const partition = 'aws';
