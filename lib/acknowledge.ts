import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Lets findings of the AwsSolutions rules stand, with the reason, next to what they are about.
 * @param rules `VPC7`, or with what was found: `IAM4[Policy::…]`
 */
export function acknowledge(scope: IConstruct, reason: string, ...rules: string[]): void {
  Validations.of(scope).acknowledge(...rules.map((rule) => ({ id: `AwsSolutions-${rule}`, reason })));
}

/** Lets a resource that ends in a wildcard stand in the policies under `scope`. */
export function acknowledgeWildcard(scope: IConstruct, resource: string, reason: string): void {
  acknowledge(scope, reason, `IAM5[Resource::${readable(Stack.of(scope).resolve(resource))}]`);
}

/** An ARN the way that the rules print it: `arn:<AWS::Partition>:s3:::<Bucket>/*`. */
function readable(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) {
    return argument[1].map(readable).join(String(argument[0]));
  }
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return `<${argument.join('.')}>`;
  return `<${String(argument)}>`;
}
