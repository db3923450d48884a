import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { StackClient } from './stack';

const keyword = (key: string | number) =>
  `/${encodeURIComponent(String(key).replaceAll('~', '~0').replaceAll('/', '~1'))}`;

/** The documents that a stack serves, and what they say of values. */
export class Documented {
  private readonly ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));

  /** Reads both documents from the stack. */
  static async servedBy(client: StackClient): Promise<Documented> {
    const documented = new Documented();
    for (const name of ['openapi', 'asyncapi']) {
      documented.ajv.addSchema((await client.request(`/v1/${name}.json`)).body, name);
    }
    return documented;
  }

  /**
   * @returns what a value has against the schema at a path of a document; nothing where it fits
   * @throws where there is no such schema
   */
  objections(value: unknown, document: 'openapi' | 'asyncapi', ...path: (string | number)[]): unknown {
    const validate = this.ajv.compile({ $ref: `${document}#${path.map(keyword).join('')}` });
    return validate(value) ? [] : { value, errors: validate.errors };
  }

  /** @returns what a WebSocket message has against the schema of its type */
  ofMessage(side: 'client' | 'server', type: string, value: unknown): unknown {
    return this.objections(value, 'asyncapi', 'components', 'messages', `${side}.${type}`, 'payload');
  }
}

/** An example, as if it had been written at `now`. */
export function current<T>(example: T, now: number): T {
  return JSON.parse(JSON.stringify(example), (key, value) => {
    if (key === 'time') return now;
    if (key === 'from') return now - 3_600_000;
    return key === 'to' ? now + 60_000 : value;
  });
}
