import { type Exercise, exercises } from './exercises';
import type { Scene, Statement } from './scene';

/** What is asked of AWS when an instance starts, and not again. */
const atStart = /^(ec2|elasticache|es|logs):|^dynamodb:UpdateItem$/;

/** Statements of the policy that nothing misses, or that nothing brings back. */
export async function needless(scene: Scene, name: string): Promise<string[]> {
  const findings: string[] = [];
  for (const statement of await scene.statements(name)) {
    const exercise = exerciseFor(name, statement);
    const restarts = statement.actions.some((action) => atStart.test(action));
    const attempt = async (): Promise<unknown> => {
      if (restarts) await scene.kill(name);
      await scene.begin();
      return exercise(scene).then(
        () => undefined,
        (error: unknown) => error,
      );
    };
    await scene.withhold(statement);
    const missed = await attempt().finally(() => scene.restore(statement));
    if (missed === undefined) findings.push(`${called(statement)} is not missed`);
    const again = await attempt();
    if (again !== undefined) findings.push(`${called(statement)} does not come back: ${String(again)}`);
    scene.closeSockets();
  }
  return findings;
}

/**
 * Does what the function is for, with everything granted.
 * @returns statements of its policy that have allowed no call
 * @throws Error where something does not work
 */
export async function unused(scene: Scene, name: string): Promise<string[]> {
  const done = new Set<Exercise>();
  for (const statement of await scene.statements(name)) {
    const exercise = exerciseFor(name, statement);
    if (done.has(exercise)) continue;
    done.add(exercise);
    await scene.begin();
    await exercise(scene);
    scene.closeSockets();
  }
  return (await scene.statements(name)).filter(({ uses }) => uses === 0).map(called);
}

const called = ({ actions, policy, index }: Statement) => `${actions.join(', ')} (${policy}/${index})`;

function exerciseFor(name: string, { actions }: Statement): Exercise {
  const { usual, by = {} } = exercises[name] ?? { usual: () => Promise.reject(new Error(`no exercise for ${name}`)) };
  const own = actions.map((action) => by[action]).find((exercise) => exercise !== undefined);
  const exercise = own ?? usual;
  return actions.includes('logs:PutLogEvents') ? (here) => logged(here, name) : exercise;
}

/** An invocation that fails leaves a line in the log, which its operator reads; others leave none. */
async function logged(here: Scene, name: string): Promise<void> {
  const lines = async (): Promise<number> => {
    const meter: { service: string; function: string; calls: number }[] = await here.client.control('GET', 'meter');
    const own = meter.filter((line) => line.service === 'logs' && line.function.startsWith(name));
    return own.reduce((sum, { calls }) => sum + calls, 0);
  };
  const before = await lines();
  await here.client.control('POST', `functions/${name}/faults`, { timeout: true, invocations: 1 });
  await here.client.control('POST', `functions/${name}/invoke`, {});
  await here.sees(async () => (await lines()) > before);
}
