import { Construct } from 'constructs';
import { latestEnv, positionEnv } from '../lambdas/latest/env';
import type { Environment } from './environments';
import type { HotStore } from './hot-store';
import type { HttpApi } from './http-api';
import { ServiceFunction, type ServiceFunctionProps } from './service-function';
import type { TracksTable } from './tables';

export interface LatestProps {
  environment: Environment;
  api: HttpApi;
  hot: HotStore;
  tracks: TracksTable;
}

/** Answers where a device is, and what is nearby. */
export class Latest extends Construct {
  constructor(scope: Construct, id: string, props: LatestProps) {
    super(scope, id);
    const onPosition = this.addDoor(props, 'OnPosition', {
      entry: 'latest/on-position',
      reads: positionEnv,
      description: 'The newest position of a device',
    });
    props.tracks.grantRead(onPosition);
    props.api.route(onPosition, 'GET /v1/devices/{id}/position');
    const onNearby = this.addDoor(props, 'OnNearby', {
      entry: 'latest/on-nearby',
      reads: latestEnv,
      description: 'Vehicles near a place',
    });
    this.tellNearby(onNearby, props.environment);
    props.api.route(onNearby, 'GET /v1/nearby');
  }

  private addDoor(
    { environment, hot }: LatestProps,
    id: string,
    door: Pick<ServiceFunctionProps, 'entry' | 'reads' | 'description'>,
  ): ServiceFunction {
    const fn = new ServiceFunction(this, id, { environment, ...door, memoryMb: 512, timeoutSeconds: 10 });
    hot.grantUse(fn);
    return fn;
  }

  private tellNearby(fn: ServiceFunction, environment: Environment): void {
    fn.setEnvironment(latestEnv, {
      STALE_AFTER_SECONDS: String(environment.live.staleAfterSeconds),
      PSEUDONYM_MINUTES: String(environment.live.pseudonymMinutes),
      PSEUDONYM_SILENCE_SECONDS: String(environment.live.pseudonymSilenceSeconds),
    });
  }
}
