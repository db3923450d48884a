import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { type AwsCredentials, sign, type ToSign } from '../../client/src/sigv4';

const credentials: AwsCredentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/+=', sessionToken: 'token' };

/** The signature that AWS's own library makes. */
async function theirs({ host, path, region, service, headers, body, time }: ToSign): Promise<string | undefined> {
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256, applyChecksum: false });
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: host,
    path,
    query: {},
    headers: { ...headers, host },
    body,
  };
  const signed = await signer.sign(request, { signingDate: new Date(time) });
  return signed.headers.authorization;
}

test('signs as AWS’s library does', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const request = fc.record({
    host: fc.constantFrom('dynamodb.eu-central-1.amazonaws.com', '127.0.0.1:4566'),
    path: fc.constant('/'),
    region: fc.constantFrom('eu-central-1', 'us-east-1'),
    service: fc.constant('dynamodb'),
    headers: fc.constant({
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.UpdateItem',
    }),
    body: text.map((value) => JSON.stringify({ value })),
    time: fc.integer({ min: 1e12, max: 2e12 }),
  });
  await fc.assert(
    fc.asyncProperty(request, async (each) => {
      const { authorization } = await sign(each, credentials);
      expect(authorization).toBe(await theirs(each));
    }),
    { numRuns: 50 },
  );
});
