// A plain encoder of what is read of GTFS-Realtime: a message is its fields one after the other.

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
};

/** @returns one field as it lies on the wire */
export function field(number: number, value: number | string | Uint8Array | { float: number }): Buffer {
  if (typeof value === 'number') return Buffer.from([...varint(number * 8), ...varint(value)]);
  if (typeof value === 'object' && 'float' in value) {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value.float);
    return Buffer.concat([Buffer.from(varint(number * 8 + 5)), bytes]);
  }
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

export interface Vehicle {
  entity?: string;
  id?: string;
  trip?: string;
  day?: string;
  route?: string;
  lat: number;
  lon: number;
  bearing?: number;
  speed?: number;
  /** epoch seconds */
  timestamp?: number;
}

const given = (number: number, value: Parameters<typeof field>[1] | undefined) =>
  value === undefined ? [] : [field(number, value)];

function entity({ entity: name = '1', id, trip, day, route, lat, lon, bearing, speed, timestamp }: Vehicle): Buffer {
  const position = Buffer.concat([
    field(1, { float: lat }),
    field(2, { float: lon }),
    ...given(3, bearing === undefined ? undefined : { float: bearing }),
    ...given(5, speed === undefined ? undefined : { float: speed }),
  ]);
  const described = Buffer.concat([...given(1, trip), ...given(3, day), ...given(5, route)]);
  const vehicle = Buffer.concat([
    field(1, described),
    field(2, position),
    ...given(5, timestamp),
    ...given(8, id === undefined ? undefined : field(1, id)),
  ]);
  return Buffer.concat([field(1, name), field(4, vehicle)]);
}

/** @param timestamp of the feed, epoch seconds */
export function feedOf(vehicles: readonly Vehicle[], timestamp?: number): Buffer {
  const header = Buffer.concat([field(1, '2.0'), ...given(3, timestamp)]);
  return Buffer.concat([field(1, header), ...vehicles.map((vehicle) => field(2, entity(vehicle)))]);
}
