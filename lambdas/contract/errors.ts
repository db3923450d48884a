import { z } from 'zod';

/** RFC 9457 problem details, with the members that Waystream adds. */
export const problemSchema = z
  .object({
    type: z
      .string()
      .meta({ description: 'A URI naming the kind of problem.', example: 'urn:waystream:problem:not_found' }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable, for programs to act on.', example: 'not_found' }),
    detail: z.string().meta({ description: 'For the person who gets it: what was wrong, and what to do.' }),
    pointer: z
      .string()
      .optional()
      .meta({ description: 'JSON pointer (RFC 6901) into the body, or `?name` of a query parameter.' }),
    retryAfterSeconds: z.number().optional(),
    serverTime: z.int().optional().meta({ description: 'The server’s clock, epoch milliseconds.' }),
    refused: z
      .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() }))
      .optional()
      .meta({ description: 'Where several things were wrong: each of them.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });

export type ProblemDetails = z.infer<typeof problemSchema>;

/** One thing that was refused, and where it stands. */
export interface Refusal {
  /** JSON pointer (RFC 6901), e.g. `/points/3/lat`. */
  pointer: string;
  code: string;
  detail: string;
}

interface ProblemExtras {
  pointer?: string;
  retryAfterSeconds?: number;
  serverTime?: number;
  refused?: Refusal[];
}

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Nothing could be accepted',
  500: 'Internal error',
  503: 'Unavailable',
};

/** An error that is meant for the caller. Thrown where it arises, turned into an answer once, at the door. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly extras: ProblemExtras = {},
  ) {
    super(`${code}: ${detail}`);
    this.name = new.target.name;
  }

  toDetails(): ProblemDetails {
    return {
      type: `urn:waystream:problem:${this.code}`,
      title: titles[this.status] ?? 'Error',
      status: this.status,
      code: this.code,
      detail: this.detail,
      ...this.extras,
    };
  }
}

export class BadRequest extends Problem {
  constructor(code: string, detail: string, extras?: ProblemExtras) {
    super(400, code, detail, extras);
  }
}

/** Answered with a challenge: apps that sign in by Basic authentication wait for one. */
export class Unauthorized extends Problem {
  constructor(code: string, detail: string) {
    super(401, code, detail);
  }
}

export class Forbidden extends Problem {
  constructor(code: string, detail: string) {
    super(403, code, detail);
  }
}

export class NotFound extends Problem {
  constructor(detail: string, code = 'not_found') {
    super(404, code, detail);
  }
}

/** What is asked for contradicts what is there. */
export class Conflict extends Problem {
  constructor(code: string, detail: string) {
    super(409, code, detail);
  }
}

export class TooLarge extends Problem {
  constructor(detail: string) {
    super(413, 'too_large', detail);
  }
}

export class UnsupportedMediaType extends Problem {
  constructor(detail: string) {
    super(415, 'unsupported_media_type', detail);
  }
}

/** Nothing of a request was valid; `refused` says what was wrong with each part. */
export class Unprocessable extends Problem {
  constructor(code: string, detail: string, extras?: ProblemExtras) {
    super(422, code, detail, extras);
  }
}

/** Waiting helps: the answer carries Retry-After. */
export class Unavailable extends Problem {
  constructor(code: string, detail: string, retryAfterSeconds: number) {
    super(503, code, detail, { retryAfterSeconds });
  }
}

/** @returns one segment of a JSON pointer, escaped as RFC 6901 asks */
const segment = (key: PropertyKey) => String(key).replaceAll('~', '~0').replaceAll('/', '~1');

/** @returns the JSON pointer of a path, below `base` */
export function toPointer(path: readonly PropertyKey[], base = ''): string {
  return base + path.map((key) => `/${segment(key)}`).join('');
}

type Issue = z.core.$ZodIssue;

/** The stable code of a schema violation. */
function issueCode(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && issue.message.includes('undefined') ? 'required' : 'wrong_type';
    case 'too_small':
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int' ? 'out_of_range' : issue.code;
    case 'invalid_union': {
      const absent = issue.errors.flat().some((inner) => inner.path.length === 0 && issueCode(inner) === 'required');
      return absent ? 'required' : 'invalid';
    }
    case 'unrecognized_keys':
      return 'unknown_field';
    default:
      return 'invalid';
  }
}

/** Every violation of a schema as a refusal: a pointer, a stable code and a sentence. */
export function toRefusals(error: z.ZodError, base = ''): Refusal[] {
  return error.issues.flatMap((issue): Refusal[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: toPointer([...issue.path, key], base),
        code: 'unknown_field',
        detail: `There is no field “${key}” here. Extras belong in “attributes”.`,
      }));
    }
    const code = issueCode(issue);
    const detail = code === 'required' ? 'This is required.' : issue.message;
    return [{ pointer: toPointer(issue.path, base), code, detail }];
  });
}

/**
 * Parses a whole body or message.
 * @throws BadRequest with the first violation’s code and pointer, and each of them in `refused`
 */
export function parseBody<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const refused = toRefusals(parsed.error);
  const first = refused[0] ?? { pointer: '', code: 'invalid', detail: 'The body is not valid.' };
  throw new BadRequest(first.code, first.detail, { pointer: first.pointer, refused: refused.slice(0, 20) });
}

/**
 * Parses query or path parameters.
 * @throws BadRequest with `pointer` `?name`
 */
export function parseParameters<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0];
  const given = z.record(z.string(), z.unknown()).safeParse(value).data ?? {};
  const missing = issue?.code !== 'unrecognized_keys' && given[String(name)] === undefined;
  const code =
    issue?.code === 'unrecognized_keys' ? 'unknown_parameter' : missing ? 'missing_parameter' : 'invalid_parameter';
  throw new BadRequest(
    code,
    `${String(name ?? 'query')}: ${missing ? 'is required' : (issue?.message ?? 'is not valid')}`,
    {
      pointer: `?${String(name ?? '')}`,
    },
  );
}
