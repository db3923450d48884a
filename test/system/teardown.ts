import { stopStacks } from './run-folder.mjs';

/** Stops every stack that this run has started, and waits until each has ended. */
export default async function teardown(): Promise<void> {
  const folder = process.env.WAYSTREAM_TEST_DIR;
  if (folder) await stopStacks(folder);
}
