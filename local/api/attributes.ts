import { createHash } from 'node:crypto';
import { accountId, region } from '../model';

/** Resource types that this folder reads: whoever walks the template may leave them to it. */
export const gatewayTypes = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::RouteResponse',
  'AWS::ApiGatewayV2::IntegrationResponse',
  'AWS::ApiGatewayV2::Deployment',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::Cognito::UserPoolGroup',
] as const;

/** What `Ref` and `Fn::GetAtt` give for a resource. */
export interface Attributes {
  ref: string;
  attributes: Record<string, string>;
}

/**
 * Values of `Ref` and `Fn::GetAtt` for the gateways' and the user pool's resources, stable for a logical id.
 * @param port of the listener that `startApi` will open
 * @returns undefined for a type that is not of this folder
 */
export function gatewayAttributes(
  type: string,
  logicalId: string,
  properties: Record<string, unknown>,
  port: number,
): Attributes | undefined {
  if (type === 'AWS::Cognito::UserPool') return userPool(logicalId, port);
  if (type === 'AWS::Cognito::UserPoolClient') {
    const id = shortId(logicalId, 26);
    return { ref: id, attributes: { ClientId: id, Name: logicalId } };
  }
  if (type === 'AWS::ApiGatewayV2::Api') return api(logicalId, properties, port);
  if (type === 'AWS::ApiGatewayV2::Stage') return { ref: String(properties.StageName ?? '$default'), attributes: {} };
  if (type === 'AWS::Cognito::UserPoolGroup') return { ref: String(properties.GroupName ?? logicalId), attributes: {} };
  if (!gatewayTypes.some((known) => known === type)) return undefined;
  const id = shortId(logicalId, 7);
  const name = type.slice(type.lastIndexOf(':') + 1);
  return { ref: id, attributes: { [`${name}Id`]: id } };
}

function userPool(logicalId: string, port: number): Attributes {
  const id = `${region}_${shortId(logicalId, 9)}`;
  return {
    ref: id,
    attributes: {
      UserPoolId: id,
      Arn: `arn:aws:cognito-idp:${region}:${accountId}:userpool/${id}`,
      ProviderName: `cognito-idp.${region}.amazonaws.com/${id}`,
      ProviderURL: `http://127.0.0.1:${port}/${id}`,
    },
  };
}

function api(logicalId: string, properties: Record<string, unknown>, port: number): Attributes {
  const id = shortId(logicalId, 10);
  const scheme = properties.ProtocolType === 'WEBSOCKET' ? 'ws' : 'http';
  return { ref: id, attributes: { ApiId: id, ApiEndpoint: `${scheme}://127.0.0.1:${port}` } };
}

/** Lower-case letters and digits, as AWS's ids look; the same for the same name. */
function shortId(name: string, length: number): string {
  const bytes = createHash('sha256').update(name).digest();
  return Array.from(bytes.subarray(0, length), (byte) => (byte % 36).toString(36)).join('');
}
