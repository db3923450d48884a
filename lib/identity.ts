import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnUserPoolGroup,
  FeaturePlan,
  Mfa,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { type Role, roles } from '../lambdas/contract/identity';
import { acknowledge } from './acknowledge';
import type { Environment } from './environments';

const descriptions: Readonly<Record<Role, string>> = {
  device: 'Reports its own positions',
  viewer: 'Sees vehicles by pseudonyms',
  operator: 'Sees every vehicle by its true id',
  feeder: 'Reports for many devices',
};

/** Who is who: a user pool whose groups are the roles. */
export class IdentityPool extends Construct {
  readonly pool: UserPool;
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string, { environment }: { environment: Environment }) {
    super(scope, id);
    this.pool = new UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      signInAliases: { username: true, email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      featurePlan: FeaturePlan.ESSENTIALS,
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
      },
      deletionProtection: environment.keepsData,
      removalPolicy: environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(this.pool, 'Devices and feeders sign in too, and have no second factor; people may have one.', 'COG2');
    acknowledge(this.pool, 'The plus plan is billed by the user, and users are phones by the thousand.', 'COG8');
    this.client = this.pool.addClient('Client', {
      authFlows: { userSrp: true },
      disableOAuth: true,
      accessTokenValidity: Duration.hours(1),
      preventUserExistenceErrors: true,
    });
    for (const role of roles) {
      new CfnUserPoolGroup(this, `Role-${role}`, {
        userPoolId: this.pool.userPoolId,
        groupName: role,
        description: descriptions[role],
      });
    }
  }

  /** The issuer's URL in tokens. */
  get issuer(): string {
    return this.pool.userPoolProviderUrl;
  }

  get audience(): string {
    return this.client.userPoolClientId;
  }
}
