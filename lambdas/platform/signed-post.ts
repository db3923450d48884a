import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { z } from 'zod';
import { defaultProvider } from './credentials';
import { readEnvironment } from './environment';

const regionEnv = z.object({ AWS_REGION: z.string() });

/** A connection that is not open by then, and an attempt without a whole answer by then, are given up (ms). */
const CONNECT_MS = 1_000;
const ANSWER_MS = 3_000;
const ATTEMPTS = 2;
/** Before the second attempt, half of it at random: the SDK's own for errors that pass, and for being throttled (ms). */
const PAUSE_MS = 100;
const THROTTLED_PAUSE_MS = 500;
/** Connections at a time. */
const SOCKETS = 64;

/** There was no connection or no answer in time; named as the SDK names it, so that it counts as an outage. */
class NotInTime extends Error {
  override readonly name = 'TimeoutError';
}

/** AWS answered, and not with a success. */
export class RefusedPost extends Error {
  /** As the SDK marks what a service answers: an error on AWS's side counts as an outage. */
  readonly $metadata: { httpStatusCode: number };

  /** @param name what AWS calls the error, as the SDK's errors are named */
  constructor(
    override readonly name: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.$metadata = { httpStatusCode: status };
  }
}

/**
 * Posts to an API of AWS over connections that are kept, signed by the SDK's signer. A call by the SDK's client takes
 * three times the CPU, most of it in middleware that one call with a fixed path and a body of bytes has no use for.
 * Source: IAM user guide, "Signature Version 4 for API requests".
 */
export class SignedPost {
  private readonly url: URL;
  private readonly agent: HttpAgent;
  private signer: SignatureV4 | undefined;

  /** @param service as signatures name it */
  constructor(
    endpoint: string,
    private readonly service: string,
  ) {
    this.url = new URL(endpoint);
    const options = { keepAlive: true, maxSockets: SOCKETS };
    this.agent = this.url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /**
   * @param path below the endpoint, its parts escaped
   * @throws RefusedPost for any answer but 2xx; Error where there is none, `TimeoutError` where it took too long. What
   * may pass is tried twice
   */
  async send(path: string, body: Buffer): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.attempt(path, body);
        return;
      } catch (error) {
        const status = error instanceof RefusedPost ? error.status : 503;
        if (attempt === ATTEMPTS || (status !== 429 && status < 500)) throw error;
        await sleep((status === 429 ? THROTTLED_PAUSE_MS : PAUSE_MS) * (0.5 + Math.random() / 2));
      }
    }
  }

  private async attempt(path: string, body: Buffer): Promise<void> {
    const whole = `${this.url.pathname.replace(/\/$/, '')}${path}`;
    const { headers } = await this.signed(whole, body);
    const send = this.url.protocol === 'https:' ? httpsRequest : httpRequest;
    const { hostname, port } = this.url;
    const sending = send({ method: 'POST', hostname, port, path: whole, headers, agent: this.agent });
    const answer = await answerOf(sending, body);
    if (answer.status < 200 || answer.status > 299) throw refusal(answer);
  }

  private signed(path: string, body: Buffer) {
    // Made at the first call: only then does a function need to know its role and region.
    this.signer ??= new SignatureV4({
      service: this.service,
      region: readEnvironment(regionEnv).AWS_REGION,
      credentials: defaultProvider(),
      sha256: Sha256,
    });
    const { protocol, hostname, host } = this.url;
    const headers = { host, 'content-type': 'application/octet-stream', 'content-length': String(body.length) };
    return this.signer.sign({ method: 'POST', protocol, hostname, path, headers, body });
  }
}

interface Received {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

/** @throws Error where there is no whole answer in time, or the connection fails */
function answerOf(sending: ClientRequest, body: Buffer): Promise<Received> {
  return new Promise((resolve, reject) => {
    const giveUp = (what: string) => sending.destroy(new NotInTime(`${what} in time`));
    const answering = setTimeout(giveUp, ANSWER_MS, 'No answer');
    sending.once('socket', (socket) => {
      if (!socket.connecting) return;
      const connecting = setTimeout(giveUp, CONNECT_MS, 'No connection');
      for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(connecting));
    });
    sending.once('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(parts).toString() }),
      );
    });
    sending.once('error', reject);
    sending.once('close', () => clearTimeout(answering));
    sending.end(body);
  });
}

const said = z.object({ message: z.string() });

/** AWS names its error in a header, with an address behind a colon. */
function refusal({ status, headers, text }: Received): RefusedPost {
  const name = String(headers['x-amzn-errortype'] ?? 'Error').split(':')[0] ?? 'Error';
  return new RefusedPost(name, status, messageOf(text) ?? `AWS answered with ${status}`);
}

function messageOf(text: string): string | undefined {
  try {
    return said.parse(JSON.parse(text)).message;
  } catch {
    return undefined;
  }
}
