import { type App, Validations } from 'aws-cdk-lib';
import { DataStack } from './data-stack';
import { selectEnvironment } from './environments';
import { Reachability } from './reachability/plugin';
import { ServiceStack } from './service-stack';

/**
 * Adds the two stacks of the environment that `-c env=…` names; they can be synthesized if every function reaches what
 * it calls. @throws Error for an unknown environment
 */
export function waystream(app: App): { data: DataStack; service: ServiceStack } {
  const environment = selectEnvironment((key) => app.node.tryGetContext(key));
  const data = new DataStack(app, `Waystream-${environment.name}-Data`, { environment });
  const service = new ServiceStack(app, `Waystream-${environment.name}-Service`, { environment, data });
  Validations.of(app).addPlugins(new Reachability());
  return { data, service };
}
