// The table of `npm run test:faults`.

const seconds = (value) => value.toFixed(1);
const millis = ({ p50, p99 }) => `${p50 ?? '–'} / ${p99 ?? '–'}`;

/** @param rows what `test/faults/results.ts` keeps @returns a table in Markdown */
export function table(rows) {
  const head = [
    ...['fault', 'lasts (s)', 'points accepted', 'requests sent again'],
    ...['ingest p50 / p99 (ms) before', 'during', 'after', 'caught up after (s)', 'viewers see again after (s)'],
  ];
  const cells = rows.map(({ fault, seconds: lasts, accepted, refused, before, during, after, catchUp, viewers }) => [
    ...[fault, lasts, accepted, refused, millis(before), millis(during), millis(after)],
    ...[seconds(catchUp), seconds(viewers)],
  ]);
  return [head, head.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}
