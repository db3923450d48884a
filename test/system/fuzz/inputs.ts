import fc from 'fast-check';

/** Strings that have broken somebody's software. */
const nastyText = fc.oneof(
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'toString',
    'null',
    'NaN',
    '0x10',
    '1e999',
    '-0',
    '../..',
    '%00',
    '\0',
  ),
  fc.constantFrom('\ud800', '\udfff\ud800', '\u202e', 'a\r\nx: y', '${jndi:x}', "' OR 1=1 --", '{"$gt":""}', '*', 'ﬀ'),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.integer({ min: 1, max: 5_000 }).map((length) => 'a'.repeat(length)),
);

const nastyNumber = fc.oneof(
  fc.constantFrom(-0, 1e308, -1e308, 5e-324, 2 ** 53, -(2 ** 53) - 1, 0.1 + 0.2, Date.now(), Date.now() / 1_000),
  fc.double(),
  fc.integer(),
);

/** A value of any kind, small. */
export const anything = fc.oneof(
  nastyText,
  nastyNumber,
  fc.boolean(),
  fc.constantFrom(null, [], {}, [[]], [null], { __proto__: null }),
  fc.jsonValue({ maxDepth: 3 }),
);

type Json = ReturnType<typeof JSON.parse>;

/** Every place within a value, by the keys that lead there. */
function places(value: Json, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.keys(value).flatMap((key) => places(value[key], [...path, key]))];
}

/** The value with something else at one of its places, or one more key there, or without it. */
function mutated(value: Json, place: number, how: 'replace' | 'remove' | 'add', name: string, other: unknown): Json {
  const copy = structuredClone(value);
  const all = places(copy);
  const path = all[place % all.length] ?? [];
  const last = path.at(-1);
  if (last === undefined) return how === 'replace' ? other : { ...copy, [name]: other };
  const parent = path.slice(0, -1).reduce((at: Json, key) => at[key], copy);
  if (how === 'remove') delete parent[last];
  else if (how === 'replace') parent[last] = other;
  else Object.defineProperty(parent, name, { value: other, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** JSON that is almost what is asked for: up to three places changed. */
export const nearlyJson = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => {
  const change = fc.record({
    place: fc.nat(60),
    how: fc.constantFrom('replace' as const, 'replace' as const, 'remove' as const, 'add' as const),
    name: nastyText,
    other: anything,
  });
  return fc
    .tuple(valid, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) =>
      changes.reduce((at: Json, { place, how, name, other }) => mutated(at, place, how, name, other), value),
    );
};

/** Text that is almost JSON: characters of it changed, keys twice, figures beyond all measure, brackets without end. */
export const nearlyText = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> => {
  const text = valid.map((value) => JSON.stringify(value) ?? '');
  const cut = fc
    .tuple(text, fc.nat(400), fc.nat(6), nastyText)
    .map(
      ([all, at, gone, put]) => all.slice(0, at % (all.length + 1)) + put + all.slice((at % (all.length + 1)) + gone),
    );
  const twice = text.map((all) => all.replace(/"(\w+)":/, '"$1":null,"$1":'));
  const huge = fc
    .tuple(text, fc.constantFrom('1e400', '-1e400', '9'.repeat(400), '0.'.padEnd(400, '3'), '1E+9', '.5', '01'))
    .map(([all, figure]) => all.replace(/-?\d+(\.\d+)?/, figure));
  const deep = fc
    .tuple(
      fc.integer({ min: 10, max: 20_000 }),
      fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[{"devices":', '}]']),
      fc.boolean(),
    )
    .map(([depth, [open = '', close = ''], closed]) => open.repeat(depth) + (closed ? `1${close.repeat(depth)}` : ''));
  return fc.oneof(cut, twice, huge, { arbitrary: deep, weight: 1 });
};

/** What nobody would take for JSON. */
export const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text, 'utf16le')),
  fc.constantFrom(
    Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]),
    Buffer.from([0x1f, 0x8b, 8, 0]),
    Buffer.alloc(70_000, 0x20),
  ),
);

const id = fc.constantFrom('fuzz-1', 'fuzz-2', 'fuzz:3');
const point = fc.record(
  {
    time: fc.integer({ min: 0, max: 60_000 }).map((ago) => Date.now() - ago),
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lon: fc.double({ min: -180, max: 180, noNaN: true }),
    speed: fc.double({ min: 0, max: 60, noNaN: true }),
    attributes: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.boolean(), { maxKeys: 3 }),
  },
  { requiredKeys: ['time', 'lat', 'lon'] },
);
const points = fc.array(point, { minLength: 1, maxLength: 3 });

/** What a feeder may send, and a device. */
export const report = fc.oneof(
  fc.record({ devices: fc.array(fc.record({ deviceId: id, taskId: id, points }), { minLength: 1, maxLength: 3 }) }),
  fc.record({ points, taskId: id, coordinateSystem: fc.constantFrom('wgs84', 'gcj02', 'bd09') }),
);

/** One record of the stream, as its consumers expect it. */
export const record = fc.record({
  v: fc.constant(1),
  device: id,
  task: id,
  at: fc.constant(Date.now()),
  points: fc.array(
    fc.tuple(
      fc.constant(Date.now()),
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: -180, max: 180, noNaN: true }),
    ),
    { minLength: 1, maxLength: 3 },
  ),
});

const viewport = fc.constantFrom(
  { west: 1, south: 1, east: 2, north: 2 },
  { west: 179, south: -1, east: -179, north: 1 },
);
/** What a client may say on the socket. */
export const message = fc.oneof(
  fc.record({ type: fc.constant('subscribe'), id, viewport }),
  fc.record({ type: fc.constant('subscribe'), id, device: id }),
  fc.record({ type: fc.constant('unsubscribe'), id }),
  fc.record({ type: fc.constant('ping') }),
  fc.record({ type: fc.constant('report'), id, points }),
  fc.record({
    type: fc.constant('search'),
    id,
    from: fc.constant(1),
    to: fc.constant(60_001),
    box: fc.constant('0,0,1,1'),
  }),
);

/** A value of a query's parameter: sometimes what it should be. */
export const parameter = fc.oneof(
  nastyText,
  nastyNumber.map(String),
  fc.constantFrom(
    '41.15',
    '-8.61',
    '10',
    '2026-07-01T08:00:00Z',
    '1',
    String(Date.now()),
    'time',
    'distance',
    'oldest',
    'gpx',
  ),
  fc.constantFrom('0,0,1,1', '0,0;0,1;1,1', '-8.6,41.1,500', '0,0,0,0', '1,2,3,4,5', '0,0;1,1;0,1;1,0', ',', ';;;'),
  fc
    .integer({ min: 3, max: 1_500 })
    .map((corners) => Array.from({ length: corners }, (_, each) => `${each % 90},${each % 7}`).join(';')),
);
