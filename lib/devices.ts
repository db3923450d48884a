import { Construct } from 'constructs';
import { devicesEnv } from '../lambdas/devices/env';
import type { Environment } from './environments';
import type { HttpApi } from './http-api';
import { ServiceFunction } from './service-function';
import type { DeviceKeysTable } from './tables';

export interface DevicesProps {
  environment: Environment;
  api: HttpApi;
  keys: DeviceKeysTable;
}

/** Issues the keys that apps on phones sign in with, lists them, and revokes them. */
export class Devices extends Construct {
  constructor(scope: Construct, id: string, { environment, api, keys }: DevicesProps) {
    super(scope, id);
    const onKeys = new ServiceFunction(this, 'OnKeys', {
      environment,
      entry: 'devices/on-keys',
      reads: devicesEnv,
      description: 'Keys of devices: issued, listed, revoked',
      memoryMb: 256,
      timeoutSeconds: 10,
    });
    keys.grantManage(onKeys);
    api.route(onKeys, 'POST /v1/devices', 'GET /v1/devices/{id}/keys', 'DELETE /v1/devices/{id}/keys/{key}');
  }
}
