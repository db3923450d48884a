import { z } from 'zod';
import { reader } from './schema';

/**
 * Properties of a user pool that say nothing here: nobody signs up or in on a laptop, tokens are minted.
 * A trigger (`LambdaConfig`) is not among them, since it can change what a token says.
 */
const quiet = z.unknown().optional();
const quietly = <K extends string>(...names: K[]) =>
  Object.fromEntries(names.map((name) => [name, quiet])) as Record<K, typeof quiet>;

const pool = z.strictObject({
  ...quietly('AccountRecoverySetting', 'AdminCreateUserConfig', 'AliasAttributes', 'AutoVerifiedAttributes'),
  ...quietly('DeletionProtection', 'DeviceConfiguration', 'EmailConfiguration', 'EmailVerificationMessage'),
  ...quietly('EmailVerificationSubject', 'EnabledMfas', 'MfaConfiguration', 'Policies', 'Schema', 'SmsConfiguration'),
  ...quietly('SmsVerificationMessage', 'UserAttributeUpdateSettings', 'UsernameAttributes', 'UsernameConfiguration'),
  ...quietly('UserPoolAddOns', 'UserPoolName', 'UserPoolTags', 'UserPoolTier', 'VerificationMessageTemplate'),
  ...quietly('WebAuthnRelyingPartyID', 'WebAuthnUserVerification'),
});

const client = z.strictObject({
  UserPoolId: z.string(),
  ...quietly('AccessTokenValidity', 'AllowedOAuthFlows', 'AllowedOAuthFlowsUserPoolClient', 'AllowedOAuthScopes'),
  ...quietly('AuthSessionValidity', 'CallbackURLs', 'ClientName', 'DefaultRedirectURI', 'EnableTokenRevocation'),
  ...quietly('ExplicitAuthFlows', 'GenerateSecret', 'IdTokenValidity', 'LogoutURLs', 'PreventUserExistenceErrors'),
  ...quietly('ReadAttributes', 'RefreshTokenRotation', 'RefreshTokenValidity', 'SupportedIdentityProviders'),
  ...quietly('TokenValidityUnits', 'WriteAttributes'),
});

const group = z.strictObject({
  UserPoolId: z.string(),
  GroupName: z.string(),
  ...quietly('Description', 'Precedence'),
});

const domain = z.strictObject({ UserPoolId: z.string(), ...quietly('Domain', 'ManagedLoginVersion') });

export const readPools = reader('AWS::Cognito::UserPool', pool);
export const readClients = reader('AWS::Cognito::UserPoolClient', client);
export const readGroups = reader('AWS::Cognito::UserPoolGroup', group);
export const readDomains = reader('AWS::Cognito::UserPoolDomain', domain);
