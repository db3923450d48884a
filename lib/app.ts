import type { App } from 'aws-cdk-lib';
import { DataStack } from './data-stack';
import { selectEnvironment } from './environments';
import { ServiceStack } from './service-stack';

/** Adds the two stacks of the environment that `-c env=…` names. @throws Error for an unknown environment */
export function waystream(app: App): { data: DataStack; service: ServiceStack } {
  const environment = selectEnvironment((key) => app.node.tryGetContext(key));
  const data = new DataStack(app, `Waystream-${environment.name}-Data`, { environment });
  const service = new ServiceStack(app, `Waystream-${environment.name}-Service`, { environment, data });
  return { data, service };
}
