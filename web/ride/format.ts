const KMH = 3.6;

/** @param metres @returns `850 m`, `12.3 km`, `214 km` */
export function inLength(metres: number): string {
  if (metres < 999.5) return `${Math.round(metres)} m`;
  return `${(metres / 1_000).toFixed(metres < 99_950 ? 1 : 0)} km`;
}

/** @param speed m/s @returns `23.4 km/h` */
export const inSpeed = (speed: number): string => `${(speed * KMH).toFixed(1)} km/h`;

/** @returns `123 m` */
export const inAltitude = (metres: number): string => `${Math.round(metres)} m`;

/** @returns `45 s`, `12 min 30 s`, `3 h 05 min`, `2 d 04 h` */
export function inDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${two(hours % 24)} h`;
  if (hours > 0) return `${hours} h ${two(minutes % 60)} min`;
  return minutes > 0 ? `${minutes} min ${two(whole % 60)} s` : `${whole} s`;
}

/** @param zone an IANA time zone; the reader's by default */
export function inDayTime(time: number, zone?: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: zone }).format(time);
}

/** @returns a time of day, e.g. `09:05:07`. @param zone an IANA time zone; the reader's by default */
export function inTime(time: number, zone?: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: zone }).format(time);
}
