import type { IncomingMessage } from 'node:http';
import { httpUnits } from '../billing';
import { accountId, TemplateError } from '../model';
import { trace as hops } from '../trace';
import { accessLog, type LogContext } from './access-log';
import { readBody } from './body';
import { corsHeaders, preflightHeaders } from './cors';
import type { ApiDefinition, JwtAuthorizer, Route } from './definition';
import { eventHeaders, type HttpRequest, httpEvent, peerAddress, type Routed } from './http-event';
import { type HttpAnswer, httpAnswer, message } from './http-response';
import { commonLogTime, gatewayId } from './ids';
import type { Issuer } from './issuer';
import { type TokenCheck, type TokenVerdict, verifyToken } from './jwt';
import { type Matcher, routeMatcher } from './routes';
import { stageThrottle } from './throttle';
import { withTimeout } from './timeout';
import type { GatewayDeps } from './types';

/** Largest event that Lambda takes: 6 MB. */
const lambdaPayloadBytes = 6 * 1024 * 1024;

/** Serves the template's HTTP API. It answers; whoever owns the listener writes the answer out. */
export class HttpApi {
  private readonly match: Matcher<Route>;
  private readonly allow: (routeKey: string, now: number) => boolean;
  private readonly checks = new Map<string, TokenCheck>();
  private readonly writeLog: (context: LogContext) => void;

  constructor(
    private readonly api: ApiDefinition,
    private readonly deps: GatewayDeps,
  ) {
    this.match = routeMatcher(api.routes);
    this.allow = stageThrottle(api.routes, api.throttle);
    this.writeLog = accessLog(api, deps, 'api.access');
    for (const route of api.routes) {
      const reachable = /^(\$default|\w+ \/v1(\/.*)?)$/.test(route.routeKey);
      if (!reachable) throw new TemplateError(`${route.routeKey}: the local listener gives the HTTP API /v1 only`);
      if (route.jwt) this.checks.set(route.routeKey, tokenCheck(route.jwt, route, deps.issuer));
    }
  }

  async handle(incoming: IncomingMessage): Promise<HttpAnswer> {
    const request = headOf(incoming);
    const trace: LogContext = {};
    const answer = this.preflight(request) ?? this.withCors(request, await this.answered(request, incoming, trace));
    this.writeLog({ ...this.contextOf(request), ...trace, status: answer.status, responseLength: answer.body.length });
    return { ...answer, headers: { ...answer.headers, 'apigw-requestid': request.requestId } };
  }

  private async answered(request: HttpRequest, incoming: IncomingMessage, trace: LogContext): Promise<HttpAnswer> {
    try {
      return await this.answer(request, incoming, trace);
    } catch (error) {
      // A path may hold a key: the route says enough.
      this.deps.log('api', `${trace.routeKey ?? request.method}: ${String(error)}`);
      return message(500, 'Internal Server Error');
    }
  }

  private async answer(request: HttpRequest, incoming: IncomingMessage, trace: LogContext): Promise<HttpAnswer> {
    if (headerBytes(incoming) > this.deps.limits.httpHeaderBytes)
      return message(431, 'Request Header Fields Too Large');
    const found = this.find(request);
    if (found === 'malformed') return message(400, 'Bad Request');
    if (!found) return message(404, 'Not Found');
    const { route, pathParameters } = found;
    trace.routeKey = route.routeKey;
    if (!this.allow(route.routeKey, request.time)) return message(429, 'Too Many Requests');
    const verdict = await this.authorize(request, route);
    if (verdict && !verdict.ok) return denied(verdict, trace);
    const body = await readBody(incoming, this.deps.limits.httpBodyBytes);
    if (body === 'too-large') return message(413, 'Request Entity Too Large');
    const routed = this.routed(route, pathParameters, verdict);
    return await this.integrate({ ...request, body }, route, routed, trace);
  }

  private preflight(request: HttpRequest): HttpAnswer | undefined {
    const { cors } = this.api;
    const { origin, 'access-control-request-method': asked } = request.headers;
    if (!cors || request.method !== 'OPTIONS' || origin === undefined || asked === undefined) return undefined;
    return { status: 204, headers: preflightHeaders(cors, origin), cookies: [], body: Buffer.alloc(0) };
  }

  private find(request: HttpRequest): ReturnType<Matcher<Route>> | 'malformed' {
    try {
      decodeURIComponent(request.path);
      return this.match(request.method, request.path);
    } catch {
      return 'malformed';
    }
  }

  private async authorize(request: HttpRequest, route: Route): Promise<TokenVerdict | undefined> {
    const check = this.checks.get(route.routeKey);
    if (!check) return undefined;
    const token = identity(check.authorizer.identitySource, request);
    return await verifyToken(token, check, new Date(request.time));
  }

  private routed(route: Route, pathParameters: Routed['pathParameters'], verdict: TokenVerdict | undefined): Routed {
    const jwt = verdict?.ok ? { claims: verdict.claims, scopes: verdict.scopes } : undefined;
    const { apiId, stage, stageVariables } = this.api;
    return { accountId, apiId, stage, stageVariables, routeKey: route.routeKey, pathParameters, jwt };
  }

  private async integrate(request: HttpRequest, route: Route, routed: Routed, trace: LogContext): Promise<HttpAnswer> {
    hops.see('taken by the API', () => request.body.toString('utf8'));
    const event = httpEvent(request, routed);
    if (event.body && event.body.length > lambdaPayloadBytes) return message(413, 'Request Entity Too Large');
    const timeoutMs = Math.min(route.timeoutMs ?? Number.POSITIVE_INFINITY, this.deps.limits.httpTimeoutMs);
    const started = performance.now();
    const result = await withTimeout(this.deps.functions.invoke(route.functionArn, event), timeoutMs);
    trace.integrationLatency = Math.round(performance.now() - started);
    if (result === 'timeout') {
      trace.integrationErrorMessage = 'The integration timed out';
      return message(503, 'Service Unavailable');
    }
    if (!result.ok) trace.integrationErrorMessage = result.error.errorMessage;
    const answer = bounded(httpAnswer(result));
    const units = httpUnits(request.body.length, answer.body.length);
    this.deps.meter?.add({ service: 'apigateway', action: 'HttpRequest', function: route.routeKey, units });
    return answer;
  }

  private contextOf(request: HttpRequest): LogContext {
    return {
      requestId: request.requestId,
      extendedRequestId: request.requestId,
      apiId: this.api.apiId,
      accountId,
      stage: this.api.stage,
      'identity.sourceIp': request.sourceIp,
      'identity.userAgent': request.headers['user-agent'],
      domainName: request.headers.host,
      httpMethod: request.method,
      path: request.path,
      protocol: request.protocol,
      requestTime: commonLogTime(request.time),
      requestTimeEpoch: request.time,
      responseLatency: Date.now() - request.time,
    };
  }

  /** Where the API has a CORS configuration, it speaks instead of the integration. */
  private withCors(request: HttpRequest, answer: HttpAnswer): HttpAnswer {
    const cors = corsHeaders(this.api.cors, request.headers.origin);
    const own = Object.entries(answer.headers).filter(
      ([name]) => !hopByHop.has(name) && !(cors && name.startsWith('access-control-')),
    );
    return { ...answer, headers: { ...Object.fromEntries(own), ...cors } };
  }
}

const hopByHop = new Set(['connection', 'transfer-encoding', 'keep-alive', 'upgrade', 'content-length']);

/** The route's authorizer with the pool's keys. An issuer is recognised by its pool id, whatever host names it. */
function tokenCheck(authorizer: JwtAuthorizer, route: Route, issuer: Issuer | undefined): TokenCheck {
  if (!issuer || !authorizer.issuer.endsWith(`/${issuer.poolId}`)) {
    throw new TemplateError(`${route.routeKey}: issuer ${authorizer.issuer} is no user pool of the template`);
  }
  return { authorizer: { ...authorizer, issuer: issuer.url }, keys: issuer.keys, scopes: route.scopes };
}

function denied(verdict: Extract<TokenVerdict, { ok: false }>, trace: LogContext): HttpAnswer {
  trace['authorizer.error'] = verdict.challenge;
  const text = verdict.status === 403 ? 'Forbidden' : 'Unauthorized';
  trace['error.message'] = text;
  return message(verdict.status, text, { 'www-authenticate': verdict.challenge });
}

/** The token alone, or after `Bearer `. @returns undefined when the identity source is empty */
function identity(source: string, request: HttpRequest): string | undefined {
  const [, where = '', name = ''] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  const value = where === 'header' ? request.headers[name.toLowerCase()] : new URLSearchParams(request.query).get(name);
  const token = value?.replace(/^Bearer /i, '').trim();
  return token || undefined;
}

/** Lambda refuses a response of more than 6 MB as an error of the function. */
function bounded(answer: HttpAnswer): HttpAnswer {
  return answer.body.length > lambdaPayloadBytes ? message(500, 'Internal Server Error') : answer;
}

function headerBytes(incoming: IncomingMessage): number {
  return incoming.rawHeaders.reduce((bytes, text) => bytes + text.length + 2, (incoming.url ?? '').length);
}

function headOf(incoming: IncomingMessage): HttpRequest {
  const [path = '/', query = ''] = splitOnce(incoming.url ?? '/', '?');
  const { headers, cookies } = eventHeaders(incoming.headersDistinct);
  const sourceIp = peerAddress(incoming);
  const forwarded = headers['x-forwarded-for'];
  return {
    requestId: gatewayId(),
    time: Date.now(),
    method: incoming.method ?? 'GET',
    path,
    query,
    protocol: `HTTP/${incoming.httpVersion}`,
    headers: {
      ...headers,
      'x-forwarded-for': forwarded === undefined ? sourceIp : `${forwarded}, ${sourceIp}`,
      'x-forwarded-port': String(incoming.socket.localPort ?? ''),
      'x-forwarded-proto': 'http',
    },
    cookies,
    sourceIp,
    body: Buffer.alloc(0),
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
