import { Duration } from 'aws-cdk-lib';
import { ArnPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { credentialsEnv } from '../lambdas/credentials/env';
import type { Environment } from './environments';
import type { HttpApi } from './http-api';
import { ServiceFunction } from './service-function';
import type { RidesTable, TracksTable } from './tables';

export interface CredentialsProps {
  environment: Environment;
  api: HttpApi;
  tracks: TracksTable;
  rides: RidesTable;
}

/** Lets devices write their rows themselves: hands out sessions of one role, each narrowed to one track. */
export class Credentials extends Construct {
  /** What devices act as. A session’s own policy says of which track. */
  readonly deviceRole: Role;

  constructor(scope: Construct, id: string, { environment, api, tracks, rides }: CredentialsProps) {
    super(scope, id);
    const { minutes, refusedLimit } = environment.directWrite;
    const fn = new ServiceFunction(this, 'OnCredentials', {
      environment,
      entry: 'credentials/on-credentials',
      reads: credentialsEnv,
      description: 'Issues credentials by which devices write their rows themselves',
      memoryMb: 512,
      timeoutSeconds: 10,
    });
    this.deviceRole = this.addRole(fn);
    tracks.grantDirectWrite(this.deviceRole);
    rides.grantStanding(fn);
    fn.setEnvironment(credentialsEnv, {
      DEVICE_ROLE: this.deviceRole.roleArn,
      TRACKS_TABLE: tracks.table.tableName,
      TRACKS_TABLE_ARN: tracks.table.tableArn,
      RETENTION_DAYS: String(environment.retentionDays),
      CREDENTIALS_SECONDS: String(minutes * 60),
      REFUSED_LIMIT: String(refusedLimit),
    });
    api.route(fn, 'POST /v1/credentials');
  }

  /**
   * The role trusts its issuer by name, which within one account is all that the issuer needs. Source: "AssumeRole", STS
   * API reference, permissions.
   */
  private addRole(issuer: ServiceFunction): Role {
    if (!issuer.role) throw new Error('The function that issues credentials has no role.');
    return new Role(this, 'DeviceRole', {
      description: 'Devices that write their rows themselves',
      assumedBy: new ArnPrincipal(issuer.role.roleArn),
      maxSessionDuration: Duration.hours(1),
    });
  }
}
