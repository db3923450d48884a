import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CorsHttpMethod,
  HttpApi as GatewayApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import type { Environment } from './environments';
import type { IdentityPool } from './identity';
import type { ServiceFunction } from './service-function';

/** One line a request. A path may hold an id or a key and a query a place, so neither is written; nor is any header. */
const accessLogFormat = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  sourceIp: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationMs: '$context.integrationLatency',
  error: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
});

export interface HttpApiProps {
  environment: Environment;
  identity: IdentityPool;
  /** Pages that may call, beside those that the environment names. */
  origins: readonly string[];
}

/** The HTTP API: every route asks for a token of the user pool, unless it is opened by name. */
export class HttpApi extends Construct {
  readonly api: GatewayApi;
  private readonly signedIn: IHttpRouteAuthorizer;
  private readonly open = new HttpNoneAuthorizer();

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const { environment, identity, origins } = props;
    this.api = new GatewayApi(this, 'Api', {
      description: `Waystream ${environment.name}`,
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [...origins, ...environment.corsOrigins],
        allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.DELETE],
        allowHeaders: ['accept', 'authorization', 'content-type', 'idempotency-key'],
        exposeHeaders: ['link', 'retry-after'],
        maxAge: Duration.hours(1),
      },
    });
    this.signedIn = new HttpJwtAuthorizer('SignedIn', identity.issuer, { jwtAudience: [identity.audience] });
    this.addStage(environment);
  }

  get url(): string {
    return this.api.apiEndpoint;
  }

  /** Routes for callers who are signed in. */
  route(fn: ServiceFunction, ...keys: string[]): void {
    this.add(fn, keys, this.signedIn);
  }

  /** Routes for anybody. `$default` takes every path that no other route takes. */
  openRoute(fn: ServiceFunction, ...keys: string[]): void {
    for (const route of this.add(fn, keys, this.open)) {
      acknowledge(route, 'Documents and health say nothing about anybody.', 'APIG4');
    }
  }

  /**
   * Routes for whoever has a device key, which the function looks at itself: it stands in a header or in the path, and
   * an authorizer would be a second invocation for each report.
   */
  keyRoute(fn: ServiceFunction, ...keys: string[]): void {
    for (const route of this.add(fn, keys, this.open)) {
      acknowledge(route, 'Apps bring a device key, in a header or in the path, that the function checks.', 'APIG4');
    }
  }

  private add(fn: ServiceFunction, keys: readonly string[], authorizer: IHttpRouteAuthorizer): HttpRoute[] {
    const integration = new HttpLambdaIntegration(fn.node.path.replaceAll('/', ''), fn);
    return keys.map(
      (key) => new HttpRoute(this, key, { httpApi: this.api, routeKey: routeKeyOf(key), integration, authorizer }),
    );
  }

  private addStage(environment: Environment): void {
    const log = new LogGroup(this, 'AccessLog', {
      retention: environment.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { rate, burst } = environment.throttle.http;
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: rate, burstLimit: burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(accessLogFormat),
      },
    });
  }
}

const methods: Readonly<Record<string, HttpMethod>> = {
  GET: HttpMethod.GET,
  POST: HttpMethod.POST,
  DELETE: HttpMethod.DELETE,
};

/** @param key `GET /v1/nearby`, or `$default`. @throws Error for a method that no route here has */
function routeKeyOf(key: string): HttpRouteKey {
  const [name = '', path] = key.split(' ');
  if (path === undefined) return HttpRouteKey.DEFAULT;
  const method = methods[name];
  if (method === undefined) throw new Error(`${key}: there are routes for ${Object.keys(methods).join(', ')}.`);
  return HttpRouteKey.with(path, method);
}
