import type { APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import { z } from 'zod';
import { type Identity, toIdentity } from '../contract/identity';
import { parseJson, toProblem } from './http';
import { RefusedPost, SignedPost } from './signed-post';

/** A WebSocket message as the doors see it. */
export interface SocketRequest {
  connectionId: string;
  route: string;
  identity: Identity;
  sourceIp: string;
  /** When the socket opened (epoch ms); 0 where the gateway does not say. */
  connectedAt: number;
  /** The message's text; empty on connecting and disconnecting. */
  body: string;
  now: number;
}

const contextSchema = z.object({
  connectedAt: z.number().default(0),
  identity: z.object({ sourceIp: z.string() }).optional(),
  authorizer: z.object({ sub: z.string(), roles: z.string() }),
});

/** @returns the request, with the identity that the authorizer found when the socket opened */
export function toSocketRequest(event: APIGatewayProxyWebsocketEventV2): SocketRequest {
  const { authorizer, identity, connectedAt } = contextSchema.parse(event.requestContext);
  const body = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? '');
  return {
    connectionId: event.requestContext.connectionId,
    route: event.requestContext.routeKey,
    identity: toIdentity(authorizer.sub, authorizer.roles),
    sourceIp: identity?.sourceIp ?? 'unknown',
    connectedAt,
    body,
    now: Date.now(),
  };
}

/** The `id` a message carries, so that an error can name the message it answers. */
function messageId(body: string): string | undefined {
  try {
    return z.object({ id: z.string().max(64) }).parse(JSON.parse(body)).id;
  } catch {
    return undefined;
  }
}

/**
 * A door for WebSocket messages: the frame returned goes back to the sender; problems become error frames here.
 * @param answer gets the message parsed as JSON; undefined answers nothing
 */
export function socketHandler(answer: (message: unknown, request: SocketRequest) => Promise<object | undefined>) {
  return async (event: APIGatewayProxyWebsocketEventV2): Promise<{ statusCode: number; body?: string }> => {
    try {
      const request = toSocketRequest(event);
      const frame = await answer(request.body === '' ? undefined : parseJson(request.body), request);
      return frame === undefined ? { statusCode: 200 } : { statusCode: 200, body: JSON.stringify(frame) };
    } catch (error) {
      const { code, detail, extras } = toProblem(error, { route: event.requestContext.routeKey });
      const id = messageId(event.body ?? '');
      return { statusCode: 200, body: JSON.stringify({ type: 'error', ...(id && { id }), code, detail, ...extras }) };
    }
  };
}

/** The connection is gone. Source: API Gateway, "@connections commands", PostToConnection. */
const GONE = 410;

/** Posts frames to open WebSockets. */
export class Connections {
  private readonly api: SignedPost;

  /** @param endpoint the stage's `https://…/@connections` base */
  constructor(endpoint: string) {
    this.api = new SignedPost(endpoint, 'execute-api');
  }

  /**
   * @returns false where the connection is gone: forget it
   * @throws RefusedPost or Error where the frame may not have been sent
   */
  async post(connectionId: string, frame: object): Promise<boolean> {
    try {
      await this.api.send(`/@connections/${encodeURIComponent(connectionId)}`, Buffer.from(JSON.stringify(frame)));
      return true;
    } catch (error) {
      if (error instanceof RefusedPost && error.status === GONE) return false;
      throw error;
    }
  }
}
