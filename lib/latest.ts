import { Construct } from 'constructs';
import { latestEnv } from '../lambdas/latest/env';
import type { Environment } from './environments';
import type { HotStore } from './hot-store';
import type { HttpApi } from './http-api';
import { ServiceFunction } from './service-function';

export interface LatestProps {
  environment: Environment;
  api: HttpApi;
  hot: HotStore;
}

/** Answers where a device is, and what is nearby. */
export class Latest extends Construct {
  constructor(scope: Construct, id: string, props: LatestProps) {
    super(scope, id);
    const onPosition = this.addDoor(props, 'OnPosition', 'latest/on-position', 'The newest position of a device');
    props.api.route(onPosition, 'GET /v1/devices/{id}/position');
    const onNearby = this.addDoor(props, 'OnNearby', 'latest/on-nearby', 'Vehicles near a place');
    props.api.route(onNearby, 'GET /v1/nearby');
  }

  private addDoor({ environment, hot }: LatestProps, id: string, entry: string, description: string): ServiceFunction {
    const fn = new ServiceFunction(this, id, {
      environment,
      entry,
      reads: latestEnv,
      description,
      memoryMb: 512,
      timeoutSeconds: 10,
    });
    fn.setEnvironment(latestEnv, {
      STALE_AFTER_SECONDS: String(environment.live.staleAfterSeconds),
      PSEUDONYM_MINUTES: String(environment.live.pseudonymMinutes),
    });
    hot.grantUse(fn);
    return fn;
  }
}
