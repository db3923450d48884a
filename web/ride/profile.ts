import type { Point } from '../../lambdas/contract/position';
import { type Span, stepSpeed } from './track';

/** @returns the fastest known speed (m/s) in each of `count` equal parts of the span; 0 where nothing is known */
export function speedProfile(points: readonly Point[], { from, to }: Span, count: number): number[] {
  const parts = new Array<number>(count).fill(0);
  const partOf = (time: number) => Math.min(count - 1, Math.max(0, Math.floor(((time - from) / (to - from)) * count)));
  for (const [index, end] of points.entries()) {
    const start = points[index - 1];
    const speed = start && stepSpeed(start, end);
    if (!start || speed === undefined) continue;
    for (let part = partOf(start.time); part <= partOf(end.time - 1); part++) {
      parts[part] = Math.max(parts[part] ?? 0, speed);
    }
  }
  return parts;
}

/** @param top the speed that reaches the upper edge; what is faster is cut off there @returns the path of an area */
export function areaPath(speeds: readonly number[], top: number, width: number, height: number): string {
  const step = width / speeds.length;
  const y = (speed: number) => (height * (1 - Math.min(1, top > 0 ? speed / top : 0))).toFixed(1);
  const steps = speeds.map(
    (speed, index) => `L${(index * step).toFixed(1)} ${y(speed)}H${((index + 1) * step).toFixed(1)}`,
  );
  return `M0 ${height}${steps.join('')}V${height}Z`;
}
