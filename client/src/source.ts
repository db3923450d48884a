import type { Point } from './point';

/** Where positions come from: a browser, a car, a file. */
export interface Source {
  /**
   * Begins to tell positions. Each is kept durably before the promise that `tell` returns resolves, so that a source
   * that can wait need lose nothing; where the store fails, the tracker's event `error` says so before.
   * @returns what ends it
   */
  start(tell: (point: Point) => Promise<void>, fail: (error: Error) => void): () => void;
  /** Asks for a position each so many milliseconds, where the source can be asked: a receiver that rests saves power. */
  pace?(intervalMs: number): void;
}

/** What `navigator.geolocation` is made of, here and in React Native. */
export interface GeolocationLike {
  watchPosition(
    success: (position: GeolocationPositionLike) => void,
    error?: (error: { code: number; message: string }) => void,
    options?: { enableHighAccuracy?: boolean; maximumAge?: number; timeout?: number },
  ): number;
  clearWatch(id: number): void;
}

export interface GeolocationPositionLike {
  timestamp: number;
  coords: {
    latitude: number;
    longitude: number;
    accuracy?: number | null;
    altitude?: number | null;
    heading?: number | null;
    speed?: number | null;
  };
}

/** @returns the figure where it is one: receivers say null, NaN or −1 for what they don't know */
const known = (name: 'accuracy' | 'altitude' | 'heading' | 'speed', value: number | null | undefined) =>
  value === null || value === undefined || Number.isNaN(value) || (value < 0 && name !== 'altitude')
    ? {}
    : { [name]: value };

/** Source: W3C, "Geolocation", section "GeolocationPosition": timestamps in epoch ms, speed in m/s. */
export function fromGeolocation({ timestamp, coords }: GeolocationPositionLike): Point {
  return {
    time: Math.round(timestamp),
    lat: coords.latitude,
    lon: coords.longitude,
    ...known('accuracy', coords.accuracy),
    ...known('speed', coords.speed),
    ...known('heading', coords.heading),
    ...known('altitude', coords.altitude),
  };
}

/** Positions of `navigator.geolocation`, or of what looks like it. */
export function geolocationSource(geolocation: GeolocationLike = navigator.geolocation): Source {
  return {
    start(tell, fail) {
      const id = geolocation.watchPosition(
        (position) => void tell(fromGeolocation(position)),
        ({ code, message }) => fail(new Error(`geolocation ${code}: ${message}`)),
        { enableHighAccuracy: true, maximumAge: 0 },
      );
      return () => geolocation.clearWatch(id);
    },
  };
}

/** Positions of an async iterable, each asked for once the one before is kept. */
export function iterableSource(points: AsyncIterable<Point> | Iterable<Point>): Source {
  return {
    start(tell, fail) {
      let ended = false;
      const run = async () => {
        for await (const point of points) {
          if (ended) return;
          await tell(point);
        }
      };
      run().catch((error: unknown) => fail(error instanceof Error ? error : new Error(String(error))));
      return () => {
        ended = true;
      };
    },
  };
}

/** What a car's system has to offer to be a source: one function for each thing that it knows. */
export interface CarBridge {
  /** Calls with each position, times in epoch ms. @returns what ends it */
  onLocation(listener: (location: Point) => void): () => void;
  /** Calls with the speed of the wheels (m/s), which tunnels and streets between towers don't blur. */
  onSpeed?(listener: (metresPerSecond: number) => void): () => void;
}

/** Positions of a car; the wheels' speed stands in place of the receiver's. */
export function carSource(bridge: CarBridge): Source {
  return {
    start(tell) {
      let speed: number | undefined;
      const endSpeed = bridge.onSpeed?.((metresPerSecond) => {
        speed = metresPerSecond;
      });
      const end = bridge.onLocation((location) => void tell(speed === undefined ? location : { ...location, speed }));
      return () => {
        end();
        endSpeed?.();
      };
    },
  };
}
