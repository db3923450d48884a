import { type ImportReport, importLimits, importReportSchema } from '../contract/imports';
import type { Objects } from '../platform/objects';

/** Seconds that an upload may take to begin. */
const UPLOAD_SECONDS = 900;

/** Which import, and whose. */
export interface ImportKey {
  owner: string;
  id: string;
}

/** Where uploads lie: the rule that starts imports looks at nothing else. An owner may be called `..`. */
export const UPLOADS = 'uploads/';
const uploadKey = ({ owner, id }: ImportKey): string => `${UPLOADS}of-${owner}/${id}`;
const reportKey = ({ owner, id }: ImportKey): string => `reports/of-${owner}/${id}`;

/** @returns undefined where an object is no upload of ours */
export function toImportKey(objectKey: string): ImportKey | undefined {
  const [, owner, id] = /^uploads\/of-([^/]+)\/([^/]+)$/.exec(objectKey) ?? [];
  return owner === undefined || id === undefined ? undefined : { owner, id };
}

/** Uploads and reports of imports: objects of one bucket, which forgets them. */
export class Imports {
  constructor(private readonly objects: Pick<Objects, 'uploadUrl' | 'get' | 'put'>) {}

  /** @returns where the file may be put until when (epoch ms) */
  async uploadUrl(key: ImportKey, size: number, now: number): Promise<{ url: string; expiresAt: number }> {
    const url = await this.objects.uploadUrl(uploadKey(key), size, UPLOAD_SECONDS);
    return { url, expiresAt: now + UPLOAD_SECONDS * 1_000 };
  }

  /** The file in pieces. @throws NoSuchObject, ObjectsUnavailable */
  async file(key: ImportKey): Promise<Uint8Array[]> {
    const file = await this.objects.get(uploadKey(key));
    const size = importLimits.tokenBytes;
    return Array.from({ length: Math.ceil(file.length / size) }, (_, n) => file.subarray(n * size, (n + 1) * size));
  }

  /** @throws ObjectsUnavailable */
  async write(key: ImportKey, report: ImportReport): Promise<void> {
    await this.objects.put(reportKey(key), JSON.stringify(report), 'application/json');
  }

  /** @throws NoSuchObject, ObjectsUnavailable */
  async read(key: ImportKey): Promise<ImportReport> {
    const bytes = await this.objects.get(reportKey(key));
    return importReportSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  }
}
