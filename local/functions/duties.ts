import type { FunctionFault } from '../model';
import type { FunctionConfiguration } from './configuration';

/** Whether a function's role may do this on these resources. */
export type May = (logicalId: string, action: string, ...resources: readonly string[]) => boolean;

/** What Lambda does to have a function in a network. Source: Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC", required IAM permissions. */
const interfaces = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Why a function can't be run at all. Source: Lambda API reference, "Invoke", EC2AccessDeniedException. */
export function networkFault({ logicalId, networked }: FunctionConfiguration, may: May): FunctionFault | undefined {
  if (!networked || interfaces.every((action) => may(logicalId, action, '*'))) return undefined;
  return {
    errorType: 'EC2AccessDeniedException',
    errorMessage: 'Need additional permissions to configure VPC settings.',
  };
}

/** Whether a function's lines reach its log. A function runs without one too. */
export function mayLog({ logicalId, logGroupArn }: FunctionConfiguration, may: May): boolean {
  return (
    may(logicalId, 'logs:CreateLogStream', `${logGroupArn}:log-stream:`) &&
    may(logicalId, 'logs:PutLogEvents', `${logGroupArn}:log-stream:local`)
  );
}
