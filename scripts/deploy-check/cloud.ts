import { request } from 'node:https';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Emulator } from './emulator';
import { region } from './emulator';

export interface Answer {
  status: number;
  text: string;
}

interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Calls to the emulator: signed ones to its services, and plain ones to the APIs deployed in it. */
export class Cloud {
  private readonly port: number;
  private readonly authority: string;

  constructor(emulator: Emulator) {
    this.port = Number(new URL(emulator.url).port);
    this.authority = emulator.authority;
  }

  /** An action of a service that speaks JSON: `json('dynamodb', 'DynamoDB_20120810.ListTables', {})`. */
  async json(service: string, target: string, body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
    return JSON.parse(await this.signed(service, { method: 'POST', path: '/', headers, body: JSON.stringify(body) }));
  }

  /** An action of a service that speaks REST. @returns the body, JSON or XML as the service has it */
  rest(service: string, method: string, path: string, body = ''): Promise<string> {
    return this.signed(service, { method, path, headers: {}, body });
  }

  /** A request to an API that was deployed; its name leads nowhere outside the emulator. */
  visit(url: string, options: { method?: string; token?: string; body?: unknown } = {}): Promise<Answer> {
    const { host, pathname, search } = new URL(url);
    const headers = {
      host,
      'content-type': 'application/json',
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
    };
    const body = options.body === undefined ? '' : JSON.stringify(options.body);
    return this.send({ method: options.method ?? 'GET', path: pathname + search, headers, body });
  }

  private async signed(service: string, { method, path, headers, body }: Request): Promise<string> {
    const signer = new SignatureV4({
      service,
      region,
      sha256: Sha256,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const url = new URL(path, `https://127.0.0.1:${this.port}`);
    const signed = await signer.sign({
      method,
      protocol: 'https:',
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, ...headers },
      body,
    });
    const { status, text } = await this.send({ method, path, headers: signed.headers, body });
    if (status >= 300)
      throw new Error(`${service} ${headers['x-amz-target'] ?? `${method} ${path}`}: ${status} ${text}`);
    return text;
  }

  private send({ method, path, headers, body }: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: this.port, servername: '', ca: this.authority, method, path, headers },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      sent.setTimeout(30_000, () => sent.destroy(new Error(`${method} ${path}: no answer within 30 s`)));
      sent.once('error', reject);
      sent.end(body);
    });
  }
}
