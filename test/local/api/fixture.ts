import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ApiOptions, startApi } from '../../../local/api';
import type { InvokeResult, Resource, Usage } from '../../../local/model';

/** A small template as the resolver hands it over, and functions that run in the test. */
type Handler = (event: never) => unknown;
type Properties = Record<string, unknown>;

export function resource(type: string, logicalId: string, properties: Properties): Resource {
  return { stack: 'test', logicalId, type, ref: logicalId, attributes: {}, properties, metadata: {} };
}

const httpRoute = (key: string, name: string, more: Properties = {}): Resource[] => [
  resource('AWS::ApiGatewayV2::Integration', `HttpIntegration${name}`, {
    ApiId: 'Http',
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: `arn:fn:${name}`,
    PayloadFormatVersion: '2.0',
  }),
  resource('AWS::ApiGatewayV2::Route', `HttpRoute${name}`, {
    ApiId: 'Http',
    RouteKey: key,
    Target: `integrations/HttpIntegration${name}`,
    ...more,
  }),
];

export const jwt = { AuthorizationType: 'JWT', AuthorizerId: 'Jwt' };

const socketRoute = (key: string, name: string, answers: boolean, more: Properties = {}): Resource[] => [
  resource('AWS::ApiGatewayV2::Integration', `SocketIntegration${name}`, {
    ApiId: 'Socket',
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: `arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:fn:${name}/invocations`,
  }),
  resource('AWS::ApiGatewayV2::Route', `SocketRoute${name}`, {
    ApiId: 'Socket',
    RouteKey: key,
    Target: `integrations/SocketIntegration${name}`,
    ...(answers && { RouteResponseSelectionExpression: '$default' }),
    ...more,
  }),
  ...(answers
    ? [
        resource('AWS::ApiGatewayV2::RouteResponse', `SocketResponse${name}`, {
          ApiId: 'Socket',
          RouteId: `SocketRoute${name}`,
          RouteResponseKey: '$default',
        }),
      ]
    : []),
];

export interface Shape {
  /** route key → function name, and properties of the route */
  http?: [key: string, name: string, more?: Properties][];
  socket?: [key: string, name: string, answers: boolean][];
  httpStage?: Properties;
  socketStage?: Properties;
  cors?: Properties;
  identitySource?: string[];
}

export function template(shape: Shape): Resource[] {
  const connect = { AuthorizationType: 'CUSTOM', AuthorizerId: 'Request' };
  return [
    resource('AWS::Cognito::UserPool', 'eu-central-1_Pool', {}),
    resource('AWS::Cognito::UserPoolClient', 'client1', { UserPoolId: 'eu-central-1_Pool' }),
    ...['operator', 'viewer'].map((GroupName) =>
      resource('AWS::Cognito::UserPoolGroup', GroupName, { UserPoolId: 'eu-central-1_Pool', GroupName }),
    ),
    resource('AWS::ApiGatewayV2::Api', 'Http', {
      Name: 'http',
      ProtocolType: 'HTTP',
      ...(shape.cors && { CorsConfiguration: shape.cors }),
    }),
    resource('AWS::ApiGatewayV2::Stage', 'HttpStage', { ApiId: 'Http', StageName: '$default', ...shape.httpStage }),
    resource('AWS::ApiGatewayV2::Authorizer', 'Jwt', {
      ApiId: 'Http',
      Name: 'jwt',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: {
        Audience: ['client1'],
        Issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Pool',
      },
    }),
    resource('AWS::ApiGatewayV2::Api', 'Socket', {
      Name: 'socket',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.type',
    }),
    resource('AWS::ApiGatewayV2::Stage', 'SocketStage', { ApiId: 'Socket', StageName: 'live', ...shape.socketStage }),
    resource('AWS::ApiGatewayV2::Authorizer', 'Request', {
      ApiId: 'Socket',
      Name: 'request',
      AuthorizerType: 'REQUEST',
      IdentitySource: shape.identitySource ?? [],
      AuthorizerUri: 'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:fn:authorize/invocations',
    }),
    ...(shape.http ?? []).flatMap(([key, name, more]) => httpRoute(key, name, more)),
    ...(shape.socket ?? []).flatMap(([key, name, answers]) =>
      socketRoute(key, name, answers, key === '$connect' ? connect : {}),
    ),
  ];
}

export interface Started extends Awaited<ReturnType<typeof startApi>> {
  /** events each function got, in order */
  events: Map<string, unknown[]>;
  lines: [part: string, line: string][];
  usage: Usage[];
}

// Making a key takes longer than a test; the gateways of one file share it.
const keys = mkdtempSync(path.join(tmpdir(), 'waystream-keys-'));
afterAll(() => rmSync(keys, { recursive: true, force: true }));

/** Starts the gateways on a free port. A handler that throws is a function that failed. */
export async function start(
  shape: Shape,
  handlers: Record<string, Handler>,
  more: Partial<ApiOptions> = {},
): Promise<Started> {
  const events = new Map<string, unknown[]>();
  const lines: [string, string][] = [];
  const usage: Usage[] = [];
  const invoke = async (arn: string, event: unknown): Promise<InvokeResult> => {
    const name = arn.slice('arn:fn:'.length);
    events.set(name, [...(events.get(name) ?? []), event]);
    try {
      return { ok: true, payload: await handlers[name]?.(event as never) };
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error);
      return { ok: false, error: { errorType: 'Error', errorMessage } };
    }
  };
  const running = await startApi({
    port: 0,
    dataDir: keys,
    resources: template(shape),
    functions: { invoke },
    log: (part, line) => lines.push([part, line]),
    meter: { add: (each) => usage.push(each), snapshot: () => [], reset: () => {} },
    ...more,
  });
  return { ...running, events, lines, usage };
}

export const allowAll = {
  principalId: 'taxi-1',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*' }],
  },
  context: { sub: 'taxi-1', roles: 'operator,viewer' },
};
