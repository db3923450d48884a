import type { Template } from '../model';
import { readAll } from '../template/known';
import { bucket } from '../template/schemas';

/** Makes the buckets of the template that the store does not have yet. */
export async function createBuckets(store: string, template: Template): Promise<void> {
  for (const { resource } of readAll(template, 'AWS::S3::Bucket', bucket)) {
    const response = await fetch(`${store}/${resource.ref}`, { method: 'PUT' });
    const text = await response.text();
    if (!response.ok && response.status !== 409) {
      throw new Error(
        `The object store refuses the bucket ${resource.logicalId}: ${response.status} ${text.slice(0, 200)}`,
      );
    }
  }
}
