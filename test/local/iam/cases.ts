import type { PolicyCase } from './cases/case';
import { combinationCases } from './cases/combinations';
import { conditionCases } from './cases/conditions';
import { dynamodbCases } from './cases/dynamodb';
import { statementCases } from './cases/statements';

/** Requests, the policies that have a say in them, and what AWS decides; each with the page that says so. */
export const cases: readonly PolicyCase[] = [
  ...statementCases,
  ...conditionCases,
  ...dynamodbCases,
  ...combinationCases,
];
