import { randomUUID } from 'node:crypto';
import type { AwsError, Service } from './call';
import type { Outgoing } from './listener';

/** Writes an error as the service's own clients expect it: status, code and message. */
export function writeError(response: Outgoing, service: Service | undefined, error: AwsError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const requestId = randomUUID();
  const write = service === 's3' || service === 'sts' ? xml : json;
  const { type, body } = write(service, serviceCode(service, error), error.message, requestId);
  response.writeHead(error.status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': requestId,
    ...(write === json && { 'x-amzn-errortype': serviceCode(service, error) }),
  });
  response.end(body);
}

/** Names of "not available" differ by service; their clients retry each. */
function serviceCode(service: Service | undefined, { code }: AwsError): string {
  if (code !== 'ServiceUnavailable') return code;
  return { dynamodb: 'InternalServerError', kinesis: 'InternalFailure' }[String(service)] ?? code;
}

type Written = { type: string; body: string };

function json(service: Service | undefined, code: string, message: string): Written {
  const namespace = service === 'dynamodb' ? 'com.amazonaws.dynamodb.v20120810#' : '';
  const type = service === 'dynamodb' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1';
  return {
    type: service === 'dynamodb' || service === 'kinesis' ? type : 'application/json',
    body: JSON.stringify({ __type: `${namespace}${code}`, message }),
  };
}

function xml(service: Service | undefined, code: string, message: string, requestId: string): Written {
  const text = message.replace(/[<>&]/g, (each) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[each] ?? each);
  const error = `<Code>${code}</Code><Message>${text}</Message>`;
  const body =
    service === 'sts'
      ? `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
      : `<?xml version="1.0" encoding="UTF-8"?><Error>${error}<RequestId>${requestId}</RequestId></Error>`;
  return { type: 'application/xml', body };
}
