export type { CoordinateSystem } from './api-transport';
export type { BackoffSettings } from './backoff';
export { type Batching, defaultBatching } from './batching';
export { type DirectSettings, directWrites } from './direct';
export type { Clock, Environment } from './environment';
export { IndexedDbStore } from './indexed-db-store';
export {
  type Follows,
  type Frame,
  Live,
  type LiveOptions,
  type Subscription,
  type VehiclePosition,
  type Viewport,
} from './live';
export type { LinkState, Names, WebSocketLike, WebSocketMaker } from './live-socket';
export type { Place, Point } from './point';
export { defaultSampling, type Motion, Sampler, type Sampling } from './sampler';
export { type Drawn, Smooth, type SmoothSettings } from './smooth';
export {
  type CarBridge,
  carSource,
  type GeolocationLike,
  type GeolocationPositionLike,
  geolocationSource,
  iterableSource,
  type Source,
} from './source';
export { type Entry, MemoryStore, type Store } from './store';
export type { TokenSource } from './token';
export { readTrack, type TrackNews, type TrackReaderOptions, TrackUnreadable } from './track-reader';
export { type DirectOption, Tracker, type TrackerOptions, type TrackerStats } from './tracker';
export type { TrackerEvent } from './uploader';
