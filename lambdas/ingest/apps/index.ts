import type { AppName } from '../../contract/apps';
import type { App } from './app';
import { backgroundGeolocation } from './background-geolocation';
import { gpslogger } from './gpslogger';
import { gtfsRealtime } from './gtfs-realtime';
import { osmand } from './osmand';
import { overland } from './overland';
import { owntracks } from './owntracks';
import { traccar } from './traccar';

export const apps: Readonly<Record<AppName, App>> = {
  owntracks,
  overland,
  traccar,
  osmand,
  gpslogger,
  'background-geolocation': backgroundGeolocation,
  'gtfs-realtime': gtfsRealtime,
};
