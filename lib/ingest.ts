import { Construct } from 'constructs';
import { ingestEnv } from '../lambdas/ingest/env';
import type { Environment } from './environments';
import type { HotStore } from './hot-store';
import type { HttpApi } from './http-api';
import type { PositionStream } from './position-stream';
import { ServiceFunction } from './service-function';
import type { SocketApi } from './socket-api';

export interface IngestProps {
  environment: Environment;
  api: HttpApi;
  socket: SocketApi;
  positions: PositionStream;
  hot: HotStore;
}

/** Takes positions in, over HTTP and over WebSocket. */
export class Ingest extends Construct {
  constructor(scope: Construct, id: string, props: IngestProps) {
    super(scope, id);
    const onPositions = this.addDoor(props, 'OnPositions', 'ingest/on-positions', 'Positions over HTTP');
    props.api.route(onPositions, 'POST /v1/positions');
    const onReport = this.addDoor(props, 'OnReport', 'ingest/on-report', 'Positions over WebSocket');
    props.socket.route(onReport, 'report');
  }

  private addDoor(props: IngestProps, id: string, entry: string, description: string): ServiceFunction {
    const { environment } = props;
    const fn = new ServiceFunction(this, id, {
      environment,
      entry,
      reads: ingestEnv,
      description,
      memoryMb: 1024,
      timeoutSeconds: 10,
    });
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
