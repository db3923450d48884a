import { Parser } from '@asyncapi/parser';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { asyncApiDocument } from '../lambdas/contract/asyncapi';
import { openApiDocument } from '../lambdas/contract/openapi';

/** Lints the OpenAPI and AsyncAPI documents as they are served; exits 1 on any finding. */
async function main(): Promise<void> {
  const config = await createConfig({ extends: ['recommended'], rules: { 'operation-4xx-response': 'off' } });
  const source = JSON.stringify(openApiDocument('https://api.example.org'));
  const openApi = await lintFromString({ source, config });
  const { diagnostics } = await new Parser().parse(JSON.stringify(asyncApiDocument('wss://live.example.org/live')));
  const findings = [
    ...openApi.map(
      (problem) => `OpenAPI ${problem.location[0]?.pointer ?? ''}: ${problem.message} (${problem.ruleId})`,
    ),
    ...diagnostics
      .filter(({ severity }) => severity <= 1)
      .map((problem) => `AsyncAPI /${problem.path.join('/')}: ${problem.message} (${problem.code})`),
  ];
  for (const finding of findings) console.error(finding);
  console.log(findings.length === 0 ? 'The contract is clean.' : `${findings.length} findings in the contract.`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

void main();
