import fc from 'fast-check';

const degrees = (limit: number) => fc.integer({ min: -limit * 1e7, max: limit * 1e7 }).map((figure) => figure / 1e7);

/** Any place as Waystream keeps it, in 1e-7 degrees; poles and antimeridian included. */
export const anyPlace = fc.record({ lat: degrees(90), lon: degrees(180) });
