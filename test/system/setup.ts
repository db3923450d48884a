import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for what this run starts, unless whatever runs the tests has made one; the stack itself starts when the first
 * test asks for it, and ends with this process.
 */
export default function setup(): void {
  process.env.WAYSTREAM_TEST_DIR ??= mkdtempSync(join(tmpdir(), 'waystream-test-'));
  process.env.WAYSTREAM_STACK_OWNER = String(process.pid);
}
