import { arnOfUri } from '../../../local/api/definition';
import { TemplateError } from '../../../local/model';
import { jwt, resource, start, template } from './fixture';

const api = (more: Record<string, unknown>) =>
  resource('AWS::ApiGatewayV2::Api', 'Second', { Name: 'x', ProtocolType: 'HTTP', ...more });
const route = (more: Record<string, unknown>) =>
  resource('AWS::ApiGatewayV2::Route', 'Extra', {
    ApiId: 'Http',
    RouteKey: 'GET /v1/extra',
    Target: 'integrations/HttpIntegrationecho',
    ...more,
  });
const integration = (more: Record<string, unknown>) =>
  resource('AWS::ApiGatewayV2::Integration', 'Extra', {
    ApiId: 'Http',
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: 'arn:fn:echo',
    PayloadFormatVersion: '2.0',
    ...more,
  });

test.each([
  ['an unknown property', route({ RequestModels: {} }), /^Extra \(AWS::ApiGatewayV2::Route\).*RequestModels/],
  ['an API key', route({ ApiKeyRequired: true }), /ApiKeyRequired/],
  ['IAM authorization', route({ AuthorizationType: 'AWS_IAM' }), /AuthorizationType/],
  ['an authorizer that is not there', route({ ...jwt, AuthorizerId: 'Gone' }), /Extra refers to Gone/],
  ['authorization without authorizer', route({ AuthorizationType: 'JWT' }), /AuthorizationType without AuthorizerId/],
  ['an integration that is not there', route({ Target: 'integrations/Gone' }), /Extra refers to Gone/],
  ['a path that the listener keeps for the console', route({ RouteKey: 'GET /other' }), /GET \/other: .*\/v1 only/],
  ['an HTTP proxy', integration({ IntegrationType: 'HTTP_PROXY' }), /IntegrationType/],
  ['a second HTTP API', api({}), /Second: a second HTTP API/],
  ['a second user pool', resource('AWS::Cognito::UserPool', 'Other', {}), /Other: a second user pool/],
  [
    'a trigger of the user pool',
    resource('AWS::Cognito::UserPool', 'Other', { LambdaConfig: { PreTokenGeneration: 'arn' } }),
    /LambdaConfig/,
  ],
  [
    'a client that nobody knows a property of',
    resource('AWS::Cognito::UserPoolClient', 'Other', { UserPoolId: 'x', Novelty: 1 }),
    /Novelty/,
  ],
  ['an integration response', resource('AWS::ApiGatewayV2::IntegrationResponse', 'Mapped', {}), /^Mapped/],
])('%s is an error that names it', async (_, extra, message) => {
  const resources = [...template({ http: [['GET /v1/echo', 'echo']] }), extra];
  const failed = start({}, {}, { resources });
  await expect(failed).rejects.toThrow(TemplateError);
  await expect(failed).rejects.toThrow(message);
});

test('a named stage of the HTTP API would be part of every path, and is refused', async () => {
  const resources = template({ http: [['GET /v1/echo', 'echo']], httpStage: { StageName: 'prod' } });
  await expect(start({}, {}, { resources })).rejects.toThrow(/HttpStage: .* \$default only/);
});

test('an issuer that is no pool of the template cannot be verified and is refused', async () => {
  const resources = template({ http: [['GET /v1/echo', 'echo', jwt]] }).filter(({ type }) => !type.includes('Cognito'));
  await expect(start({}, {}, { resources })).rejects.toThrow(/issuer .* is no user pool of the template/);
});

test.each([
  ['arn:aws:lambda:eu-central-1:0:function:f', 'arn:aws:lambda:eu-central-1:0:function:f'],
  [
    'arn:aws:apigateway:r:lambda:path/2015-03-31/functions/arn:aws:lambda:r:0:function:f/invocations',
    'arn:aws:lambda:r:0:function:f',
  ],
])('the function of %s', (uri, arn) => {
  expect(arnOfUri(uri)).toBe(arn);
});
