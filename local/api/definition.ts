import { type Resource, TemplateError } from '../model';
import {
  type ApiProperties,
  type AuthorizerProperties,
  type CorsProperties,
  type IntegrationProperties,
  type Known,
  type RouteProperties,
  type RouteSettings,
  readApis,
  readAuthorizers,
  readDeployments,
  readIntegrations,
  readRouteResponses,
  readRoutes,
  readStages,
  refuseIntegrationResponses,
  type StageProperties,
} from './schema';

export interface JwtAuthorizer {
  issuer: string;
  audience: readonly string[];
  /** `$request.header.Authorization` → header `authorization` */
  identitySource: string;
}

export interface RequestAuthorizer {
  functionArn: string;
  /** `route.request.header.X` and `route.request.querystring.X`; all of them must be there */
  identitySources: readonly string[];
}

/** A route with all that the template says about it gathered in one place. */
export interface Route {
  routeKey: string;
  functionArn: string;
  timeoutMs: number | undefined;
  jwt: JwtAuthorizer | undefined;
  scopes: readonly string[];
  request: RequestAuthorizer | undefined;
  /** WebSocket: what the function returns goes back to the client */
  answers: boolean;
  throttle: Throttle;
}

/** Requests a second and bucket size; absent means the account's own limit, which a laptop never meets. */
export interface Throttle {
  rate: number | undefined;
  burst: number | undefined;
}

export interface ApiDefinition {
  apiId: string;
  stage: string;
  routes: readonly Route[];
  cors: CorsProperties | undefined;
  selectionExpression: string;
  /** format of the access log's lines */
  accessLog: string | undefined;
  stageVariables: Record<string, string> | undefined;
  throttle: Throttle;
}

/**
 * The API of one protocol that the template describes.
 * @returns undefined when the template has none
 * @throws TemplateError for more than one, an unknown property or a dangling reference
 */
export function apiDefinition(
  resources: readonly Resource[],
  protocol: ApiProperties['ProtocolType'],
): ApiDefinition | undefined {
  refuseIntegrationResponses(resources);
  readDeployments(resources);
  const apis = readApis(resources).filter((api) => api.properties.ProtocolType === protocol);
  const [api, second] = apis;
  if (!api) return undefined;
  if (second) throw new TemplateError(`${second.logicalId}: a second ${protocol} API is not served locally`);
  const stage = only(ofApi(readStages(resources), api.ref), `${api.logicalId} (${protocol} API): stages`);
  if (protocol === 'HTTP' && stage.properties.StageName !== '$default') {
    // Another stage would stand in every path, and clients reach the local API as they reach a custom domain.
    throw new TemplateError(`${stage.logicalId}: the HTTP API is served locally from the stage $default only`);
  }
  return {
    apiId: api.ref,
    stage: stage.properties.StageName,
    routes: apiRoutes(resources, api, stage.properties),
    cors: api.properties.CorsConfiguration,
    selectionExpression: api.properties.RouteSelectionExpression ?? '$request.method $request.path',
    accessLog: stage.properties.AccessLogSettings?.Format,
    stageVariables: stage.properties.StageVariables,
    throttle: throttle(stage.properties.DefaultRouteSettings),
  };
}

function apiRoutes(resources: readonly Resource[], api: Known<ApiProperties>, stage: StageProperties): Route[] {
  const integrations = ofApi(readIntegrations(resources), api.ref);
  const authorizers = ofApi(readAuthorizers(resources), api.ref);
  const answered = new Set(ofApi(readRouteResponses(resources), api.ref).map((each) => each.properties.RouteId));
  return ofApi(readRoutes(resources), api.ref).map((route) => {
    const { properties } = route;
    const integration = byRef(integrations, properties.Target.slice('integrations/'.length), route).properties;
    const authorizer = properties.AuthorizerId && byRef(authorizers, properties.AuthorizerId, route).properties;
    if (properties.AuthorizationType !== 'NONE' && !authorizer) {
      throw new TemplateError(`${route.logicalId}: AuthorizationType without AuthorizerId`);
    }
    return {
      routeKey: properties.RouteKey,
      functionArn: functionArn(integration, api.properties.ProtocolType, route.logicalId),
      timeoutMs: integration.TimeoutInMillis,
      ...authorization(authorizer || undefined, properties, route.logicalId),
      answers: answered.has(route.ref) && properties.RouteResponseSelectionExpression !== undefined,
      throttle: throttle(stage.RouteSettings?.[properties.RouteKey]),
    };
  });
}

function authorization(
  authorizer: AuthorizerProperties | undefined,
  route: RouteProperties,
  logicalId: string,
): Pick<Route, 'jwt' | 'scopes' | 'request'> {
  const scopes = route.AuthorizationScopes ?? [];
  if (!authorizer || route.AuthorizationType === 'NONE') return { jwt: undefined, scopes, request: undefined };
  if (authorizer.AuthorizerType === 'JWT') {
    const source = authorizer.IdentitySource[0] ?? '$request.header.Authorization';
    if (!authorizer.JwtConfiguration) throw new TemplateError(`${logicalId}: authorizer without JwtConfiguration`);
    const { Issuer: issuer, Audience: audience = [] } = authorizer.JwtConfiguration;
    return { jwt: { issuer, audience, identitySource: source }, scopes, request: undefined };
  }
  if (route.RouteKey !== '$connect') {
    throw new TemplateError(`${logicalId}: a REQUEST authorizer is served on the $connect route only`);
  }
  const request = { functionArn: arnOfUri(authorizer.AuthorizerUri ?? ''), identitySources: authorizer.IdentitySource };
  return { jwt: undefined, scopes, request };
}

function functionArn(integration: IntegrationProperties, protocol: string, logicalId: string): string {
  if (protocol === 'HTTP' && integration.PayloadFormatVersion !== '2.0') {
    throw new TemplateError(`${logicalId}: PayloadFormatVersion ${integration.PayloadFormatVersion} is not served`);
  }
  return arnOfUri(integration.IntegrationUri);
}

/** An integration names a function by its ARN, or by `arn:aws:apigateway:…:functions/ARN/invocations`. */
export function arnOfUri(uri: string): string {
  return /\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
}

function throttle(settings: RouteSettings | undefined): Throttle {
  return { rate: settings?.ThrottlingRateLimit, burst: settings?.ThrottlingBurstLimit };
}

function ofApi<P extends { ApiId: string }>(all: readonly Known<P>[], apiRef: string): Known<P>[] {
  return all.filter((each) => each.properties.ApiId === apiRef);
}

function byRef<P>(all: readonly Known<P>[], ref: string, from: { logicalId: string }): Known<P> {
  const found = all.find((each) => each.ref === ref);
  if (!found) throw new TemplateError(`${from.logicalId} refers to ${ref}, which its API does not have`);
  return found;
}

function only<T>(all: readonly T[], what: string): T {
  const [first, second] = all;
  if (!first || second) throw new TemplateError(`${what}: exactly one is served locally, found ${all.length}`);
  return first;
}
