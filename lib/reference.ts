import { Construct } from 'constructs';
import { referenceEnv } from '../lambdas/reference/env';
import type { Environment } from './environments';
import type { HttpApi } from './http-api';
import { ServiceFunction } from './service-function';
import type { SocketApi } from './socket-api';

export interface ReferenceProps {
  environment: Environment;
  api: HttpApi;
  socket: SocketApi;
}

/** Serves the APIs' own descriptions, and an answer for paths that there are not. */
export class Reference extends Construct {
  constructor(scope: Construct, id: string, { environment, api, socket }: ReferenceProps) {
    super(scope, id);
    const onDocument = new ServiceFunction(this, 'OnDocument', {
      environment,
      entry: 'reference/on-document',
      reads: referenceEnv,
      description: 'Serves the APIs’ descriptions',
      memoryMb: 256,
      timeoutSeconds: 10,
    });
    onDocument.setEnvironment(referenceEnv, { SOCKET_URL: socket.url });
    api.openRoute(onDocument, 'GET /v1/openapi.json', 'GET /v1/asyncapi.json', 'GET /v1/health', '$default');
  }
}
