import { rmSync } from 'node:fs';

export default function teardown(): void {
  rmSync(String(process.env.WAYSTREAM_TEMPLATES_DIR), { recursive: true, force: true });
}
