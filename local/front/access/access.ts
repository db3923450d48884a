import type { Table } from './tables';

/** One action on one resource that a call needs, before it is said who asks. */
export interface Access {
  /** with its service's prefix: `dynamodb:GetItem` */
  action: string;
  /** ARN, or `*` for an action that knows no resource */
  resource: string;
  /**
   * Values of the service's own condition keys, in lower case; asked only when a policy does.
   * @returns undefined when the request has none
   */
  keys?: (key: string) => readonly string[] | undefined;
}

/** What resources there are, as far as the calls to them name them in other ways than by ARN. */
export interface Facts {
  /** ARN in the stack's region and account; some services write a colon before the rest, some a slash in it */
  arn(service: string, rest: string): string;
  table(name: string): Table | undefined;
  /** ARN of the search domain */
  domain: string | undefined;
  /** id of the WebSocket API */
  socketApi: string | undefined;
}
