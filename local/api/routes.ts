/**
 * Route selection of an HTTP API: a full match before a match with a path variable, that before a greedy path,
 * that before `$default`; a route's own method before `ANY` on the same path.
 * Source: API Gateway developer guide, "Create routes for HTTP APIs", routing API requests.
 */
export interface RouteMatch<R> {
  route: R;
  /** decoded; absent when the route has no variables */
  pathParameters: Record<string, string> | undefined;
}

interface Compiled<R> {
  route: R;
  method: string;
  segments: readonly Segment[];
}

type Segment = { kind: 'literal'; text: string } | { kind: 'variable' | 'greedy'; name: string };

/** Specificity of a segment: the lower, the earlier. */
const order = { literal: 0, variable: 1, greedy: 2 };

export type Matcher<R> = (method: string, path: string) => RouteMatch<R> | undefined;

/**
 * @param routes with keys `METHOD /path/{variable}/{greedy+}`, or `$default`
 * @returns a function of the method and the undecoded path; it throws URIError for a malformed escape
 */
export function routeMatcher<R extends { routeKey: string }>(routes: readonly R[]): Matcher<R> {
  const compiled = routes
    .filter((route) => route.routeKey !== '$default')
    .map(compile)
    .sort(moreSpecificFirst);
  const fallback = routes.find((route) => route.routeKey === '$default');
  return (method, path) => {
    const parts = path.split('/').slice(1);
    const best = compiled.find((each) => accepts(each, method, parts));
    if (best) return { route: best.route, pathParameters: bind(best.segments, parts) };
    return fallback && { route: fallback, pathParameters: undefined };
  };
}

function compile<R extends { routeKey: string }>(route: R): Compiled<R> {
  const [method = '', path = ''] = route.routeKey.split(' ');
  return { route, method, segments: path.split('/').slice(1).map(segment) };
}

function segment(text: string): Segment {
  const name = /^\{(.+)\}$/.exec(text)?.[1];
  if (name === undefined) return { kind: 'literal', text };
  return name.endsWith('+') ? { kind: 'greedy', name: name.slice(0, -1) } : { kind: 'variable', name };
}

/** A total order: segment by segment from the left, a path that ends earlier after one that goes on. */
function moreSpecificFirst(a: Compiled<unknown>, b: Compiled<unknown>): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index++) {
    const difference = rank(a.segments[index]) - rank(b.segments[index]);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function rank(segment: Segment | undefined): number {
  return segment ? order[segment.kind] : 3;
}

function accepts(route: Compiled<unknown>, method: string, parts: readonly string[]): boolean {
  if (route.method !== 'ANY' && route.method !== method) return false;
  const greedy = route.segments.at(-1)?.kind === 'greedy';
  if (greedy ? parts.length < route.segments.length : parts.length !== route.segments.length) return false;
  return route.segments.every((each, index) =>
    each.kind === 'literal' ? decode(parts[index]) === each.text : parts[index] !== '',
  );
}

function bind(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined {
  const bound: [string, string][] = [];
  for (const [index, each] of segments.entries()) {
    if (each.kind === 'variable') bound.push([each.name, decode(parts[index])]);
    if (each.kind === 'greedy') bound.push([each.name, parts.slice(index).map(decode).join('/')]);
  }
  return bound.length > 0 ? Object.fromEntries(bound) : undefined;
}

function decode(text = ''): string {
  return decodeURIComponent(text);
}
