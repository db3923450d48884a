import { z } from 'zod';
import { environmentNames, idOf, type Resource, synthesize } from './synthesize';

const byProtocol = (protocol: string) => (api: Resource) => api.Properties.ProtocolType === protocol;

describe.each(environmentNames)('APIs of %s', (env) => {
  const stacks = synthesize(env);
  const http = stacks.one('AWS::ApiGatewayV2::Api', byProtocol('HTTP'));
  const socket = stacks.one('AWS::ApiGatewayV2::Api', byProtocol('WEBSOCKET'));
  const of = (type: string, api: Resource) =>
    stacks.ofType(`AWS::ApiGatewayV2::${type}`).filter(({ Properties }) => idOf(Properties.ApiId) === api.id);
  const functionOf = ({ Properties }: Resource) => {
    const integration = stacks.resources.find(({ id }) => id === idOf(Properties.Target));
    const fn = stacks.functions().find(({ id }) => JSON.stringify(integration?.Properties).includes(`"${id}"`));
    return fn ? stacks.entry(fn) : 'none';
  };
  const routes = (api: Resource) =>
    Object.fromEntries(of('Route', api).map((route) => [route.Properties.RouteKey, functionOf(route)]));

  test('HTTP routes lead to their functions', () => {
    expect(routes(http)).toEqual({
      $default: 'reference/on-document',
      'GET /v1/asyncapi.json': 'reference/on-document',
      'DELETE /v1/devices/{id}/keys/{key}': 'devices/on-keys',
      'GET /v1/apps/{app}': 'ingest/on-app',
      'GET /v1/apps/{app}/{key}': 'ingest/on-app',
      'GET /v1/devices/{id}/keys': 'devices/on-keys',
      'GET /v1/devices/{id}/position': 'latest/on-position',
      'GET /v1/devices/{id}/tracks': 'tracks/on-read',
      'GET /v1/health': 'reference/on-document',
      'GET /v1/nearby': 'latest/on-nearby',
      'GET /v1/openapi.json': 'reference/on-document',
      'GET /v1/rides': 'rides/on-rides',
      'GET /v1/rides/{task}': 'rides/on-rides',
      'GET /v1/search': 'search/on-search',
      'GET /v1/tracks/{owner}/{task}': 'tracks/on-read',
      'POST /v1/apps/{app}': 'ingest/on-app',
      'POST /v1/apps/{app}/{key}': 'ingest/on-app',
      'POST /v1/credentials': 'credentials/on-credentials',
      'POST /v1/devices': 'devices/on-keys',
      'POST /v1/positions': 'ingest/on-positions',
      'POST /v1/rides': 'rides/on-rides',
      'POST /v1/rides/{task}/finish': 'rides/on-rides',
      'GET /v1/imports/{id}': 'files/on-import',
      'POST /v1/rides/import': 'files/on-import',
      'POST /v1/tickets': 'access/on-ticket',
    });
  });

  test('HTTP routes ask for a token, but for documents and health, and for apps, whose key their function checks', () => {
    const open = of('Route', http).filter(({ Properties }) => Properties.AuthorizationType !== 'JWT');
    const byKey = (route: Resource) => functionOf(route) === 'ingest/on-app';
    const keys = (routes: Resource[]) => routes.map(({ Properties }) => Properties.RouteKey).sort();
    expect(keys(open.filter((route) => !byKey(route)))).toEqual([
      '$default',
      'GET /v1/asyncapi.json',
      'GET /v1/health',
      'GET /v1/openapi.json',
    ]);
    for (const key of keys(open.filter(byKey))) expect(key).toMatch(/^(GET|POST) \/v1\/apps\/\{app\}(\/\{key\})?$/);
  });

  test('tokens are the user pool’s, made for its client', () => {
    const [authorizer] = of('Authorizer', http);
    const text = JSON.stringify(authorizer?.Properties.JwtConfiguration);
    expect(text).toMatch(/ProviderURL/);
    expect(text).toMatch(/IdentityPoolClient/);
    expect(authorizer?.Properties.IdentitySource).toEqual(['$request.header.Authorization']);
  });

  test('the console may call, and the pages that the environment names', () => {
    const { AllowOrigins = [] } = z
      .object({ AllowOrigins: z.array(z.unknown()) })
      .parse(http.Properties.CorsConfiguration);
    const [own, ...others] = AllowOrigins;
    expect(idOf(own)).toBe(stacks.one('AWS::CloudFront::Distribution').id);
    expect(others).toEqual(env === 'dev' ? ['http://localhost:4680', 'http://127.0.0.1:4680'] : []);
  });

  test('pages may read where a list goes on, and how long to wait', () => {
    expect(http.Properties.CorsConfiguration).toMatchObject({ ExposeHeaders: ['link', 'retry-after'] });
  });

  test('a WebSocket message’s type is its route', () => {
    expect(socket.Properties.RouteSelectionExpression).toBe('$request.body.type');
    expect(routes(socket)).toEqual({
      $connect: 'access/on-connect',
      $default: 'live/on-socket',
      $disconnect: 'live/on-socket',
      ping: 'live/on-socket',
      report: 'ingest/on-report',
      search: 'search/on-socket',
      subscribe: 'live/on-socket',
      unsubscribe: 'live/on-socket',
    });
  });

  test('two-way routes answer, and connecting and disconnecting do not', () => {
    const answering = of('RouteResponse', socket).map(({ Properties }) => idOf(Properties.RouteId));
    for (const { id, Properties } of of('Route', socket)) {
      const answers = !/^\$(dis)?connect$/.test(String(Properties.RouteKey));
      expect(answering.includes(id)).toBe(answers);
      expect(Properties.RouteResponseSelectionExpression).toBe(answers ? '$default' : undefined);
    }
  });

  test('a WebSocket is opened through its own authorizer, whether by ticket or by subprotocol', () => {
    const [connect] = of('Route', socket).filter(({ Properties }) => Properties.RouteKey === '$connect');
    const [authorizer] = of('Authorizer', socket);
    expect(connect?.Properties.AuthorizationType).toBe('CUSTOM');
    expect(idOf(connect?.Properties.AuthorizerId)).toBe(authorizer?.id);
    expect(authorizer?.Properties.AuthorizerType).toBe('REQUEST');
    expect(authorizer?.Properties.IdentitySource).toBeUndefined();
    expect(JSON.stringify(authorizer?.Properties.AuthorizerUri)).toContain(stacks.function('access/on-authorize').id);
  });

  test('stages throttle', () => {
    for (const { Properties } of stacks.ofType('AWS::ApiGatewayV2::Stage')) {
      expect(Properties.DefaultRouteSettings).toMatchObject({
        ThrottlingRateLimit: expect.any(Number),
        ThrottlingBurstLimit: expect.any(Number),
      });
    }
  });

  test('access logs carry no token, no query, no path and no body', () => {
    const formats = stacks
      .ofType('AWS::ApiGatewayV2::Stage')
      .map(({ Properties }) => JSON.stringify(Properties.AccessLogSettings));
    expect(formats).toHaveLength(2);
    for (const format of formats) {
      expect(format).toContain('$context.requestId');
      expect(format).toContain('$context.status');
      expect(format).not.toMatch(
        /authorization|querystring|header|claims|context\.path|body|\$context\.authorizer\.(?!error)/i,
      );
    }
  });

  test('the user pool has a group for each role', () => {
    const groups = stacks.ofType('AWS::Cognito::UserPoolGroup').map(({ Properties }) => Properties.GroupName);
    expect(groups.sort()).toEqual(['device', 'feeder', 'operator', 'viewer']);
  });

  test('nobody signs up by themselves', () => {
    const { Properties } = stacks.one('AWS::Cognito::UserPool');
    expect(Properties.AdminCreateUserConfig).toMatchObject({ AllowAdminCreateUserOnly: true });
  });

  test('the console is served by CloudFront alone, over TLS, with security headers', () => {
    const distribution = JSON.stringify(stacks.one('AWS::CloudFront::Distribution').Properties);
    expect(distribution).toContain('"ViewerProtocolPolicy":"redirect-to-https"');
    expect(distribution).toContain('OriginAccessControlId');
    const { Properties } = stacks.one('AWS::CloudFront::ResponseHeadersPolicy');
    expect(Properties.ResponseHeadersPolicyConfig).toMatchObject({
      SecurityHeadersConfig: {
        ContentSecurityPolicy: { ContentSecurityPolicy: expect.stringContaining("default-src 'none'") },
        FrameOptions: { FrameOption: 'DENY' },
        StrictTransportSecurity: { Override: true },
      },
    });
  });

  test('a path of the console’s own shows the page', () => {
    const { Properties } = stacks.one('AWS::CloudFront::Distribution');
    expect(Properties.DistributionConfig).toMatchObject({
      CustomErrorResponses: [403, 404].map((ErrorCode) => ({
        ErrorCode,
        ResponseCode: 200,
        ResponsePagePath: '/index.html',
      })),
    });
  });
});
