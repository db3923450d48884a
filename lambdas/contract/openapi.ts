import { z } from 'zod';
import { problemSchema } from './errors';
import { type JsonSchema, Schemas } from './json-schema';
import { limits } from './limits';
import { type Operation, operations } from './operations';

const problemTitles: Record<string, string> = {
  400: 'The request can’t be read; `pointer` says where.',
  401: 'No device key, or one that is not valid.',
  403: 'The token doesn’t allow this.',
  404: 'There is no such thing, or not for this caller.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'Nothing in the request could be accepted.',
  503: 'Not now; `retryAfterSeconds` says when.',
};

function parameters(schemas: Schemas, shape: z.ZodObject | undefined, place: 'path' | 'query'): JsonSchema[] {
  return Object.entries(shape?.shape ?? {}).map(([name, schema]) => {
    const typed = z.instanceof(z.ZodType).parse(schema);
    const { description, example, ...inline } = schemas.of(typed);
    return {
      name,
      in: place,
      required: place === 'path' || !typed.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      ...(example === undefined ? {} : { example }),
      schema: inline,
    };
  });
}

const problemAnswer = (status: string, codes: string[]) => ({
  description: `${problemTitles[status] ?? ''} Codes: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  ...(status === '503' && {
    headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
  }),
});

const tagDescriptions: Record<Operation['tag'], string> = {
  Positions: 'Reporting where things are.',
  Apps: 'Reporting from apps that people have already.',
  DirectWrite: 'Writing positions while we are away.',
  Latest: 'Where things are now.',
  Tracks: 'Where one device was.',
  Rides: 'Tasks, and what their points say.',
  Files: 'Rides out of files.',
  Search: 'What was where, and when.',
  Live: 'Watching things move, over a WebSocket.',
  Reference: 'The API about itself.',
};

const unauthorized = {
  description: 'No token, or one that is not valid. Answered by the gateway.',
  content: { 'application/json': { schema: { type: 'object', properties: { message: { type: 'string' } } } } },
};

function answers(schemas: Schemas, { success, problems, open, key }: Operation): JsonSchema {
  const schema = success.schema ? schemas.of(success.schema, 'output') : { type: 'object' };
  const others = Object.fromEntries((success.mediaTypes ?? []).map((type) => [type, {}]));
  return {
    [success.status]: {
      description: success.description,
      ...(success.status !== 204 && { content: { 'application/json': { schema }, ...others } }),
    },
    ...(open || key ? {} : { 401: unauthorized }),
    ...Object.fromEntries(Object.entries(problems).map(([status, codes]) => [status, problemAnswer(status, codes)])),
  };
}

function requestBody(schemas: Schemas, body: Operation['body']): JsonSchema {
  if (!body) return {};
  const examples = Object.fromEntries(Object.entries(body.examples).map(([name, value]) => [name, { value }]));
  return {
    requestBody: { required: true, content: { 'application/json': { schema: schemas.of(body.schema), examples } } },
  };
}

/** A key in the path is a parameter, which no security scheme describes. */
function security({ open, key }: Operation): JsonSchema {
  if (open || key === 'path') return { security: [] };
  return key === 'header' ? { security: [{ deviceKey: [] }, { deviceKeyAsToken: [] }] } : {};
}

function describe(schemas: Schemas, operation: Operation): JsonSchema {
  const { id, tag, summary, description, pathParameters, query } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...security(operation),
    parameters: [...parameters(schemas, pathParameters, 'path'), ...parameters(schemas, query, 'query')],
    ...requestBody(schemas, operation.body),
    responses: answers(schemas, operation),
  };
}

/** The OpenAPI 3.1 document of the HTTP API. @param server the API's base URL */
export function openApiDocument(server: string): JsonSchema {
  const schemas = new Schemas();
  schemas.of(problemSchema, 'output');
  const paths: Record<string, JsonSchema> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(schemas, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Waystream',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Live locations: report positions, see the newest, read tracks, search the past. Times are epoch milliseconds, ' +
        `angles degrees, lengths metres, speeds m/s. A request has at most ${limits.pointsPerRequest} points and ` +
        `${limits.bodyBytes / 1024} KB. Errors are problem details (RFC 9457) with a stable \`code\`.`,
    },
    servers: [{ url: server }],
    tags: Object.entries(tagDescriptions).map(([name, description]) => ({ name, description })),
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        deviceKey: { type: 'http', scheme: 'basic', description: 'The device’s id, and the rest of its key.' },
        deviceKeyAsToken: { type: 'http', scheme: 'bearer', description: 'A device key.' },
      },
      schemas: schemas.components,
    },
  };
}
