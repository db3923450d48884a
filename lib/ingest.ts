import { Construct } from 'constructs';
import { appEnv, ingestEnv } from '../lambdas/ingest/env';
import type { Environment } from './environments';
import type { HotStore } from './hot-store';
import type { HttpApi } from './http-api';
import type { PositionStream } from './position-stream';
import { ServiceFunction, type ServiceFunctionProps } from './service-function';
import type { SocketApi } from './socket-api';
import type { DeviceKeysTable } from './tables';

export interface IngestProps {
  environment: Environment;
  api: HttpApi;
  socket: SocketApi;
  positions: PositionStream;
  hot: HotStore;
  keys: DeviceKeysTable;
}

/** Takes positions in: over HTTP, over WebSocket, and in the words of apps that know nothing of Waystream. */
export class Ingest extends Construct {
  constructor(scope: Construct, id: string, props: IngestProps) {
    super(scope, id);
    const onPositions = this.addDoor(props, 'OnPositions', {
      entry: 'ingest/on-positions',
      reads: ingestEnv,
      description: 'Positions over HTTP',
    });
    props.api.route(onPositions, 'POST /v1/positions');
    const onReport = this.addDoor(props, 'OnReport', {
      entry: 'ingest/on-report',
      reads: ingestEnv,
      description: 'Positions over WebSocket',
    });
    props.socket.route(onReport, 'report');
    this.addApps(props);
  }

  private addApps(props: IngestProps): void {
    const onApp = this.addDoor(props, 'OnApp', {
      entry: 'ingest/on-app',
      reads: appEnv,
      description: 'Positions from apps with a device key',
    });
    const { app } = props.environment.limits;
    onApp.setEnvironment(appEnv, { APP_RATE: String(app.rate), APP_BURST: String(app.burst) });
    props.keys.grantCheck(onApp);
    const paths = ['/v1/apps/{app}', '/v1/apps/{app}/{key}'];
    props.api.keyRoute(onApp, ...paths.flatMap((path) => [`POST ${path}`, `GET ${path}`]));
  }

  private addDoor(
    props: IngestProps,
    id: string,
    door: Pick<ServiceFunctionProps, 'entry' | 'reads' | 'description'>,
  ): ServiceFunction {
    const { environment } = props;
    const fn = new ServiceFunction(this, id, { environment, ...door, memoryMb: 1024, timeoutSeconds: 10 });
    const { device, address } = environment.limits;
    fn.setEnvironment(ingestEnv, {
      RETENTION_DAYS: String(environment.retentionDays),
      DEVICE_RATE: String(device.rate),
      DEVICE_BURST: String(device.burst),
      ADDRESS_RATE: String(address.rate),
      ADDRESS_BURST: String(address.burst),
    });
    props.positions.grantPut(fn);
    props.hot.grantUse(fn);
    return fn;
  }
}
