import type { GeoJSONSource, Map as LiveMap } from 'maplibre-gl';
import { trackPageSchema } from '../lambdas/contract/reads';
import { askFor, why } from './ask';
import { inWords } from './hud';
import type { Frame } from './live-socket';
import { rideAddress } from './ride/address';
import type { Session } from './session';
import type { LonLat, Vehicles } from './vehicles';

const PAST_MS = 3_600_000;
/** A phone's clock may run ahead by this much (ms). */
const AHEAD_MS = 120_000;
const POINTS = 2_000;

/** Shows one vehicle: for an operator its track of the last hour, for a viewer what was seen of it. */
export class TrackPanel {
  chosen: string | undefined;
  private known = '';
  /** As the API told, and as seen since. */
  private lines: LonLat[][] = [];
  private seen: LonLat[] = [];
  private readonly root = document.querySelector<HTMLElement>('#vehicle');
  private readonly name = document.querySelector('#vehicle-name');
  private readonly detail = document.querySelector('#vehicle-detail');
  private readonly rides = document.querySelector('#vehicle-rides');

  constructor(
    private readonly map: LiveMap,
    private readonly session: Session,
    private readonly vehicles: Vehicles,
  ) {
    document.querySelector('#close')?.addEventListener('click', () => this.close());
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && this.close());
  }

  async open(vehicle: string): Promise<void> {
    this.close();
    this.chosen = vehicle;
    this.seen = [...(this.vehicles.get(vehicle)?.trail ?? [])];
    this.draw();
    if (this.root) this.root.hidden = false;
    if (this.name) this.name.textContent = vehicle;
    try {
      await this.show(vehicle);
    } catch (error) {
      this.known = why(error);
    }
    this.refresh(Date.now());
  }

  close(): void {
    this.chosen = undefined;
    this.known = 'looking up its track…';
    if (this.root) this.root.hidden = true;
    this.lines = [];
    this.seen = [];
    this.draw();
    this.rides?.replaceChildren();
  }

  /** Lengthens the line by where the vehicle went. */
  follow({ positions }: Frame): void {
    const moved = positions.find(({ vehicle }) => vehicle === this.chosen);
    if (!moved) return;
    this.seen.push([moved.lon, moved.lat]);
    this.draw();
  }

  /** Says again how the vehicle is, at the server's `serverNow` (ms). */
  refresh(serverNow: number): void {
    if (this.chosen === undefined || !this.detail) return;
    const shown = this.vehicles.get(this.chosen);
    const speed = shown?.position.speed;
    const lines = [
      shown ? `last heard of ${inWords(serverNow - shown.position.time)} ago` : 'out of view',
      speed !== undefined && `${Math.round(speed * 3.6)} km/h`,
      this.known,
    ];
    const text = lines.filter(Boolean).join('\n');
    if (this.detail.textContent !== text) this.detail.textContent = text;
  }

  private async show(vehicle: string): Promise<void> {
    if (!this.session.operator) {
      this.known = 'viewers see passing pseudonyms';
      return;
    }
    const tasks = await this.track(vehicle);
    if (this.chosen !== vehicle) return;
    const lines = [...tasks.values()];
    const points = lines.reduce((sum, line) => sum + line.length, 0);
    this.known = `${points}${points === POINTS ? ' newest' : ''} points in the last hour`;
    this.lines = lines;
    this.draw();
    this.linkRides(vehicle, [...tasks.keys()]);
  }

  /** A link to the page of each ride, newest first. */
  private linkRides(vehicle: string, tasks: string[]): void {
    const links = tasks.map((task) => {
      const link = document.createElement('a');
      link.href = rideAddress(vehicle, task);
      link.textContent = task;
      return link;
    });
    this.rides?.replaceChildren(...(links.length > 0 ? ['Rides: '] : []), ...links);
  }

  /** The newest points of the last hour, a line a task: between two tasks nobody knows the way. */
  private async track(vehicle: string): Promise<Map<string, LonLat[]>> {
    const now = Date.now();
    const query = { from: String(now - PAST_MS), to: String(now + AHEAD_MS), order: 'newest', limit: String(POINTS) };
    const page = await askFor(this.session, trackPageSchema, ['v1', 'devices', vehicle, 'tracks'], query);
    const lines = new Map<string, LonLat[]>();
    for (const { task, lon, lat } of page.positions) {
      const line = lines.get(task) ?? [];
      line.push([lon, lat]);
      lines.set(task, line);
    }
    return lines;
  }

  private draw(): void {
    const coordinates = [...this.lines, this.seen].filter((line) => line.length > 1);
    const data = {
      type: 'Feature' as const,
      properties: {},
      geometry: { type: 'MultiLineString' as const, coordinates },
    };
    this.map.getSource<GeoJSONSource>('track')?.setData(data);
  }
}
