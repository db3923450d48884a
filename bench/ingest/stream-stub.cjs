'use strict';
/**
 * A stream that takes everything: answers PutRecords over HTTP/1.1 without TLS, in a process of its own, so that what it
 * costs is nobody's. Prints its port; answers `GET /count` with how many calls it has had.
 */
const { createServer } = require('node:http');

let calls = 0;
const server = createServer((request, response) => {
  if (request.method === 'GET') return response.end(String(calls));
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    calls += 1;
    const { Records } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const taken = Records.map((_, index) => ({
      SequenceNumber: String(calls * 500 + index),
      ShardId: 'shardId-000000000000',
    }));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ FailedRecordCount: 0, Records: taken }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
