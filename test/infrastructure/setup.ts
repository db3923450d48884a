import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the templates of this run; the first test that asks for one makes it. */
export default function setup(): void {
  process.env.WAYSTREAM_TEMPLATES_DIR = mkdtempSync(join(tmpdir(), 'waystream-templates-'));
}
