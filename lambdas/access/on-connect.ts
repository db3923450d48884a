import { handshakeSchema, offeredProtocols, SUBPROTOCOL } from './decide';

interface Answer {
  statusCode: number;
  headers?: Record<string, string>;
}

/** Accepts a WebSocket. A browser that offered subprotocols closes the socket unless the answer names one of them. */
export const handler = async (event: unknown): Promise<Answer> => {
  const offered = offeredProtocols(handshakeSchema.parse(event));
  if (!offered.includes(SUBPROTOCOL)) return { statusCode: 200 };
  return { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': SUBPROTOCOL } };
};
