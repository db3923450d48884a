import { readFileSync } from 'node:fs';
import { StackClient } from '../test/system/stack';
import { withStack } from './stack';

/**
 * Measures on a stack that runs already, or on one of its own.
 * @param readyFile what `npm start -- --ready-file` has written
 */
export function onStack(
  { args = [], readyFile }: { args?: string[]; readyFile?: string | undefined },
  measure: (client: StackClient) => Promise<void>,
): Promise<void> {
  if (readyFile === undefined) return withStack(args, measure);
  return measure(new StackClient(JSON.parse(readFileSync(readyFile, 'utf8'))));
}
