import { z } from 'zod';
import { type Resource, TemplateError } from '../model';

/**
 * The properties of the gateways' resource types that are understood. Everything else is refused by name:
 * a property that the local stack ignored would be a difference to AWS that nobody sees.
 */
const text = z.string();
const texts = z.array(text);
// CloudFormation takes numbers and booleans as strings too, and templates have both.
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);
const count = z.coerce.number();
const tags = z.record(text, text).optional();

const cors = z.strictObject({
  AllowOrigins: texts.optional(),
  AllowMethods: texts.optional(),
  AllowHeaders: texts.optional(),
  ExposeHeaders: texts.optional(),
  AllowCredentials: flag.optional(),
  MaxAge: count.optional(),
});

const api = z.strictObject({
  Name: text,
  Description: text.optional(),
  ProtocolType: z.enum(['HTTP', 'WEBSOCKET']),
  RouteSelectionExpression: text.optional(),
  CorsConfiguration: cors.optional(),
  DisableExecuteApiEndpoint: flag.optional(),
  IpAddressType: text.optional(),
  Tags: tags,
});

const route = z.strictObject({
  ApiId: text,
  RouteKey: text,
  Target: text.regex(/^integrations\//),
  AuthorizationType: z.enum(['NONE', 'JWT', 'CUSTOM']).default('NONE'),
  AuthorizerId: text.optional(),
  AuthorizationScopes: texts.optional(),
  ApiKeyRequired: z.literal(false).optional(),
  OperationName: text.optional(),
  RouteResponseSelectionExpression: z.literal('$default').optional(),
});

const integration = z.strictObject({
  ApiId: text,
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: text,
  IntegrationMethod: text.optional(),
  PayloadFormatVersion: text.optional(),
  TimeoutInMillis: count.optional(),
  Description: text.optional(),
  ConnectionType: z.literal('INTERNET').optional(),
  ContentHandlingStrategy: z.literal('CONVERT_TO_TEXT').optional(),
});

const routeResponse = z.strictObject({ ApiId: text, RouteId: text, RouteResponseKey: z.literal('$default') });

const routeSettings = z.strictObject({
  ThrottlingRateLimit: count.optional(),
  ThrottlingBurstLimit: count.optional(),
  DetailedMetricsEnabled: flag.optional(),
  LoggingLevel: text.optional(),
  DataTraceEnabled: flag.optional(),
});

const stage = z.strictObject({
  ApiId: text,
  StageName: text,
  AutoDeploy: flag.optional(),
  DeploymentId: text.optional(),
  Description: text.optional(),
  DefaultRouteSettings: routeSettings.optional(),
  RouteSettings: z.record(text, routeSettings).optional(),
  AccessLogSettings: z.strictObject({ DestinationArn: text, Format: text }).optional(),
  StageVariables: z.record(text, text).optional(),
  Tags: tags,
});

const authorizer = z.strictObject({
  ApiId: text,
  Name: text,
  AuthorizerType: z.enum(['JWT', 'REQUEST']),
  IdentitySource: z.union([texts, text.transform((value) => [value])]).default([]),
  JwtConfiguration: z.strictObject({ Audience: texts.optional(), Issuer: text }).optional(),
  AuthorizerUri: text.optional(),
  AuthorizerCredentialsArn: text.optional(),
  AuthorizerPayloadFormatVersion: text.optional(),
  AuthorizerResultTtlInSeconds: z.literal(0).optional(),
});

const deployment = z.strictObject({ ApiId: text, Description: text.optional(), StageName: text.optional() });

export type ApiProperties = z.infer<typeof api>;
export type CorsProperties = z.infer<typeof cors>;
export type RouteProperties = z.infer<typeof route>;
export type IntegrationProperties = z.infer<typeof integration>;
export type StageProperties = z.infer<typeof stage>;
export type RouteSettings = z.infer<typeof routeSettings>;
export type AuthorizerProperties = z.infer<typeof authorizer>;

/** A resource with its properties checked. */
export interface Known<P> {
  logicalId: string;
  ref: string;
  properties: P;
}

/**
 * Reads every resource of one type.
 * @throws TemplateError naming the resource and the property that is unknown or wrong
 */
export function reader<P>(type: string, schema: z.ZodType<P>): (resources: readonly Resource[]) => Known<P>[] {
  return (resources) =>
    resources
      .filter((resource) => resource.type === type)
      .map((resource) => {
        const parsed = schema.safeParse(resource.properties);
        if (parsed.success) return { logicalId: resource.logicalId, ref: resource.ref, properties: parsed.data };
        const issue = parsed.error.issues.map((each) => `${each.path.join('.') || 'Properties'}: ${each.message}`);
        throw new TemplateError(`${resource.logicalId} (${type}): ${issue.join('; ')}`);
      });
}

// Integration responses change answers by templates, which the service has no use for: the first one is refused.
export const refuseIntegrationResponses = reader('AWS::ApiGatewayV2::IntegrationResponse', z.never());

export const readApis = reader('AWS::ApiGatewayV2::Api', api);
export const readRoutes = reader('AWS::ApiGatewayV2::Route', route);
export const readIntegrations = reader('AWS::ApiGatewayV2::Integration', integration);
export const readRouteResponses = reader('AWS::ApiGatewayV2::RouteResponse', routeResponse);
export const readStages = reader('AWS::ApiGatewayV2::Stage', stage);
export const readAuthorizers = reader('AWS::ApiGatewayV2::Authorizer', authorizer);
export const readDeployments = reader('AWS::ApiGatewayV2::Deployment', deployment);
