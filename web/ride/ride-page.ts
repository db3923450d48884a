import type { Map as RideBase } from 'maplibre-gl';
import type { Point } from '../../lambdas/contract/position';
import type { Ride } from '../../lambdas/contract/rides';
import { Refused, why } from '../ask';
import { element, say } from '../element';
import type { Session } from '../session';
import type { LonLat } from '../vehicles';
import { Corrections } from './corrections';
import { listenForDownloads } from './downloads';
import { figuresOf } from './figures';
import { follow, type Reading } from './follow';
import { showFigures, showLegend } from './key';
import { colouredLines, stepSpeeds } from './lines';
import { Player } from './player';
import { RideApi, type RideName, type View } from './ride-api';
import { RideMap } from './ride-map';
import { scaleOf } from './speed-scale';
import { type Moment, Track } from './track';
import { correctionWords, messageOf, stateOf } from './words';

/** Between two looks for new points (ms): of a ride that goes on, and of one that is finished. */
const LOOK_MS = { active: 3_000, finished: 60_000 };
/** What arrives in this time is drawn together (ms); where drawing takes long, in so many times as long as it took. */
const DRAW_MS = 250;
const DRAW_SHARE = 4;

type Shown = 'raw' | 'corrected' | 'both';

/** One ride: its track on the map, its figures, and the controls. */
export class RidePage {
  private readonly raw = new Track();
  private readonly corrections: Corrections;
  private readonly api: RideApi;
  private readonly map: RideMap;
  private readonly player = new Player((moment) => this.mark(moment));
  private ride: Ride | undefined;
  private reading: Reading | undefined;
  private refused: string | undefined;
  private view: Shown = 'raw';
  private fitted = false;
  private drawing = false;
  private drawMs = DRAW_MS;
  private marked: LonLat | undefined;

  constructor(
    map: RideBase,
    private readonly session: Session,
    private readonly name: RideName,
  ) {
    this.api = new RideApi(session);
    this.corrections = new Corrections(this.api, name);
    this.map = new RideMap(map);
    listenForDownloads(this.api, name, () => this.downloaded);
    element('view').addEventListener('change', () => this.chooseView());
    element('title').textContent = name.task;
    element('of').textContent = `of ${name.owner}`;
    element('ride').hidden = false;
  }

  /** The map is ready to be drawn on. */
  mapLoaded(): void {
    this.map.addLayers();
    this.draw();
  }

  /** Reads the ride, then goes on as long as the page is open. */
  async open(): Promise<void> {
    this.tell();
    await this.refreshRide();
    void this.keepFresh();
    await this.follow();
  }

  /** A file holds one of the tracks. */
  private get downloaded(): View {
    return this.view === 'corrected' ? 'corrected' : 'raw';
  }

  /** All points read so far, as they were reported. */
  get points(): readonly Point[] {
    return this.raw.points;
  }

  private get lookMs(): number {
    return this.ride?.state === 'finished' ? LOOK_MS.finished : LOOK_MS.active;
  }

  private get correctionWords(): string {
    return this.view === 'raw' ? '' : correctionWords(this.corrections.state, this.raw.span);
  }

  private async follow(): Promise<void> {
    try {
      await follow({
        ...this.name,
        session: this.session,
        pollMs: this.lookMs,
        onPoints: (points) => {
          this.raw.add(points);
          this.drawSoon();
        },
        onReading: (reading) => {
          this.reading = reading;
          this.tell();
        },
      });
    } catch (error) {
      this.refused = why(error);
      this.tell();
    }
  }

  private async keepFresh(): Promise<void> {
    let waited = 0;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS.active));
      waited += LOOK_MS.active;
      const whole = this.correctionWords === '' && this.corrections.knows(this.ride?.lateArrivalAt);
      if (this.view !== 'raw' && !whole) await this.refreshCorrections();
      if (waited < this.lookMs) continue;
      waited = 0;
      await this.refreshRide();
    }
  }

  /** The figures as they are now; where they can't be had the last ones stay, and it is said why. */
  private async refreshRide(): Promise<void> {
    try {
      this.ride = await this.api.ride(this.name);
      say('figures-state', this.ride.statistics ? '' : 'None yet.');
      this.showFigures(this.ride);
    } catch (error) {
      const missing = error instanceof Refused && error.status === 404;
      say('figures-state', missing ? 'None yet.' : `Not to be had: ${why(error)}`);
    }
    this.tell();
  }

  private showFigures({ activity, statistics }: Ride): void {
    element('of').textContent = [`of ${this.name.owner}`, activity].filter(Boolean).join(' · ');
    if (statistics) showFigures(figuresOf(statistics));
  }

  private async chooseView(): Promise<void> {
    const chosen = document.querySelector<HTMLInputElement>('#view input:checked')?.value;
    this.view = chosen === 'corrected' || chosen === 'both' ? chosen : 'raw';
    say('download-what', `Download the ${this.downloaded} track`);
    this.draw();
    if (this.view !== 'raw') await this.refreshCorrections();
  }

  private async refreshCorrections(): Promise<void> {
    await this.corrections.refresh(this.ride?.lateArrivalAt);
    this.draw();
  }

  /** Many pages may come at once: they are drawn together. */
  private drawSoon(): void {
    if (this.drawing) return;
    this.drawing = true;
    setTimeout(() => {
      this.drawing = false;
      const began = performance.now();
      this.draw();
      this.drawMs = Math.max(DRAW_MS, DRAW_SHARE * (performance.now() - began));
    }, this.drawMs);
  }

  private draw(): void {
    const corrected = this.view !== 'raw' && this.corrections.track.points.length > 0;
    const track = corrected ? this.corrections.track : this.raw;
    const beside = corrected && this.view === 'both' ? this.raw.points : [];
    const scale = scaleOf(stepSpeeds(track.points));
    const lines = colouredLines(track.points, scale);
    this.map.draw(lines, track.points, beside);
    if (!this.fitted && track.points.length > 0) {
      this.map.fit(track.points);
      this.fitted = true;
    }
    showLegend(scale, lines, beside.length > 0);
    this.player.show(track, scale);
    this.tell();
  }

  private mark(moment: Moment | undefined): void {
    this.map.mark(moment?.at, this.marked);
    this.marked = moment?.at;
  }

  /** Says how things stand. */
  private tell(): void {
    const { reading, refused, ride } = this;
    const known = { ...this.name, reading, refused, ride, points: this.raw.points.length };
    const { state, words } = stateOf(known);
    element('state').dataset.state = state;
    say('state', words);
    say('message', messageOf(known) ?? '');
    say('correction', this.correctionWords);
  }
}
