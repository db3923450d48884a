import { readFileSync } from 'node:fs';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { unreachable } from '.';

/** Stops synthesis, and so a deployment, where a function can't reach what it calls. */
export class Reachability implements IPolicyValidationPlugin {
  readonly name = 'Reachability';

  validate({ stackTemplates }: IPolicyValidationContext): PolicyValidationPluginReport {
    const paths = new Map(stackTemplates.map((each) => [each.stackConstructPath, each.templatePath]));
    const templates = [...paths].map(([stack, path]) => [stack, JSON.parse(readFileSync(path, 'utf8'))]);
    const findings = unreachable(Object.fromEntries(templates));
    return {
      success: findings.length === 0,
      violations: findings.map(({ stack, function: resourceLogicalId, target, sentence }) => {
        const templatePath = paths.get(stack);
        const violating = { resourceLogicalId, locations: [], ...(templatePath !== undefined && { templatePath }) };
        return { ruleName: `reach ${target}`, description: sentence, violatingResources: [violating] };
      }),
    };
  }
}
