import { kinesis } from '../../lambdas/platform/clients';
import { StreamWriter } from '../../lambdas/platform/stream-writer';

/**
 * What ingest is compared with: it parses the body, believes it, and puts it. No limits, no checks of a single point,
 * no datum, no task, no latest position, no tail and nothing nearby.
 */
const stream = new StreamWriter(kinesis(), process.env.POSITIONS_STREAM ?? '');

interface Event {
  body: string;
  requestContext: { authorizer: { jwt: { claims: { sub: string } } } };
}

export const handler = async ({ body, requestContext }: Event) => {
  const { points } = JSON.parse(body);
  const { sub: device } = requestContext.authorizer.jwt.claims;
  const data = new TextEncoder().encode(JSON.stringify({ device, at: Date.now(), points }));
  await stream.put([{ partitionKey: device, data }]);
  return { statusCode: 202, body: JSON.stringify({ accepted: points.length }) };
};
