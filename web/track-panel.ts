import type { GeoJSONSource, Map as LiveMap } from 'maplibre-gl';
import { z } from 'zod';
import { trackPageSchema } from '../lambdas/contract/reads';
import { inWords } from './hud';
import type { Session } from './session';
import type { LonLat, Vehicles } from './vehicles';

const PAST_MS = 3_600_000;
const POINTS = 2_000;

const problem = z.object({ detail: z.string() });

/** Shows one vehicle: for an operator its track of the last hour, for a viewer what was seen of it. */
export class TrackPanel {
  chosen: string | undefined;
  private readonly root = document.querySelector<HTMLElement>('#vehicle');
  private readonly name = document.querySelector('#vehicle-name');
  private readonly detail = document.querySelector('#vehicle-detail');

  constructor(
    private readonly map: LiveMap,
    private readonly session: Session,
    private readonly vehicles: Vehicles,
  ) {
    document.querySelector('#close')?.addEventListener('click', () => this.close());
  }

  async open(vehicle: string): Promise<void> {
    this.chosen = vehicle;
    if (this.root) this.root.hidden = false;
    if (this.name) this.name.textContent = vehicle;
    this.tell('…');
    try {
      const line = this.session.operator ? await this.track(vehicle) : (this.vehicles.get(vehicle)?.trail ?? []);
      if (this.chosen !== vehicle) return;
      this.drawLine(line);
      this.tell(this.describe(vehicle, line.length));
    } catch (error) {
      this.tell(error instanceof Error ? error.message : String(error));
    }
  }

  close(): void {
    this.chosen = undefined;
    if (this.root) this.root.hidden = true;
    this.drawLine([]);
  }

  private describe(vehicle: string, points: number): string {
    const shown = this.vehicles.get(vehicle);
    const speed = shown?.position.speed;
    return [
      this.session.operator ? `${points} points in the last hour` : `seen at ${points} places; viewers see pseudonyms`,
      shown && `last seen ${inWords(Date.now() - shown.position.time)} ago`,
      speed !== undefined && `${Math.round(speed * 3.6)} km/h`,
    ]
      .filter(Boolean)
      .join('\n');
  }

  private async track(vehicle: string): Promise<LonLat[]> {
    const url = new URL(`/v1/devices/${encodeURIComponent(vehicle)}/tracks`, this.session.api);
    url.searchParams.set('from', String(Date.now() - PAST_MS));
    url.searchParams.set('to', String(Date.now() + 120_000));
    url.searchParams.set('order', 'newest');
    url.searchParams.set('limit', String(POINTS));
    const response = await fetch(url, { headers: { authorization: `Bearer ${this.session.token}` } });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(problem.safeParse(body).data?.detail ?? `The API answered ${response.status}.`);
    return trackPageSchema.parse(body).positions.map(({ lon, lat }): LonLat => [lon, lat]);
  }

  private tell(text: string): void {
    if (this.detail) this.detail.textContent = text;
  }

  private drawLine(coordinates: LonLat[]): void {
    const geometry = { type: 'LineString' as const, coordinates };
    this.map.getSource<GeoJSONSource>('track')?.setData({ type: 'Feature', properties: {}, geometry });
  }
}
