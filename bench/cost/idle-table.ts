import { make } from '../../test/infrastructure/make';
import { type EnvironmentName, environmentNames, toStacks } from '../../test/infrastructure/synthesize';
import { type IdleCost, idleCosts } from './idle';

interface Column {
  name: string;
  costs: IdleCost[];
}

const columnOf = (env: EnvironmentName, search: boolean): Column => ({
  name: search ? env : `${env}, search none`,
  costs: idleCosts(toStacks(env, make({ env, ...(!search && { search: 'none' }) })).resources),
});

/** Prints a day of each environment, made from the template that would be deployed. */
export function printIdle(): void {
  const columns = [columnOf('dev', false), ...environmentNames.map((env) => columnOf(env, true))];
  const kinds = [...new Set(columns.flatMap(({ costs }) => costs.map(({ what }) => what)))];
  console.log('### Dollars a day of an environment that is idle\n');
  console.log(`| | ${columns.map(({ name }) => name).join(' | ')} |\n|---|${columns.map(() => '--:|').join('')}`);
  for (const kind of kinds) {
    const cells = columns.map(({ costs }) => {
      const found = costs.find(({ what }) => what === kind);
      return found ? `${found.dollars.toFixed(2)}${found.count > 1 ? ` (${found.count})` : ''}` : '–';
    });
    console.log(`| ${kind} | ${cells.join(' | ')} |`);
  }
  const totals = columns.map(({ costs }) => `**${costs.reduce((sum, { dollars }) => sum + dollars, 0).toFixed(2)}**`);
  console.log(`| **together** | ${totals.join(' | ')} |\n`);
}
