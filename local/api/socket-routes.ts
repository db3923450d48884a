import { TemplateError } from '../model';
import type { Route } from './definition';

/** Evaluates `$request.body.type`: the route of that name, else `$default`. Text that is no JSON has no such field. */
export function routeSelector(expression: string, routes: ReadonlyMap<string, Route>): (body: string) => string {
  const path = /^\$\{?request\.body\.([\w.]+)\}?$/.exec(expression)?.[1]?.split('.');
  if (!path) throw new TemplateError(`RouteSelectionExpression ${expression} is not served locally`);
  return (body) => {
    const key = fieldOf(body, path);
    // `$connect` and `$disconnect` are events, which no message can name.
    return key !== undefined && !key.startsWith('$') && routes.has(key) ? key : '$default';
  };
}

function fieldOf(body: string, path: readonly string[]): string | undefined {
  try {
    let value: unknown = JSON.parse(body);
    for (const name of path) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = Object.getOwnPropertyDescriptor(value, name)?.value;
    }
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  } catch {
    return undefined;
  }
}
