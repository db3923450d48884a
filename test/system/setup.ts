import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for what this run starts; the stack itself starts when the first test asks for it. */
export default function setup(): void {
  process.env.WAYSTREAM_TEST_DIR = mkdtempSync(join(tmpdir(), 'waystream-test-'));
}
