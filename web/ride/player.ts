import { element } from '../element';
import { inAltitude, inDayTime, inSpeed, inTime } from './format';
import { areaPath, speedProfile } from './profile';
import { advance, grown, type Replay, rateFor, rates, seek, toggle } from './replay';
import { type SpeedScale, topOf } from './speed-scale';
import type { Moment, Span, Track } from './track';

/** Parts of the profile, and its size in its own units. */
const PROFILE = { parts: 150, width: 300, height: 40 };
/** An arrow key moves by this part of the ride, and by a second at least. */
const KEY_PARTS = 300;

/** The controls of the replay: play and pause, how fast, and when. */
export class Player {
  private replay: Replay = { time: 0, playing: false, rate: 1 };
  private track: Track | undefined;
  private span: Span | undefined;
  private rateChosen = false;
  private playedAt = 0;
  private readonly root = element('replay');
  private readonly button = element('play', HTMLButtonElement);
  private readonly slider = element('slider', HTMLInputElement);
  private readonly rate = element('rate', HTMLSelectElement);

  /** @param onMoment is told where the device was, whenever another moment is shown */
  constructor(private readonly onMoment: (moment: Moment | undefined) => void) {
    for (const rate of rates) this.rate.append(new Option(`${rate}×`, String(rate)));
    this.button.addEventListener('click', () => this.press());
    this.slider.addEventListener('input', () => this.slide());
    this.rate.addEventListener('change', () => {
      this.rateChosen = true;
      this.replay = { ...this.replay, rate: Number(this.rate.value) };
    });
  }

  /** Takes the track that is shown, or more of it. */
  show(track: Track, scale: SpeedScale): void {
    const { span } = track;
    this.root.hidden = span === undefined || span.from === span.to;
    this.track = track;
    if (!span) return;
    this.replay = grown(this.replay, this.span, span);
    if (!this.rateChosen) this.replay = { ...this.replay, rate: rateFor(span) };
    this.span = span;
    this.rate.value = String(this.replay.rate);
    const seconds = (span.to - span.from) / 1_000;
    const step = Math.max(1, Math.round(seconds / KEY_PARTS));
    this.slider.step = String(step);
    this.slider.max = String(Math.ceil(seconds / step) * step);
    element('altitude').hidden = !track.points.some(({ altitude }) => altitude !== undefined);
    this.drawProfile(track, span, scale);
    this.refresh();
  }

  private drawProfile({ points }: Track, span: Span, scale: SpeedScale): void {
    const path = areaPath(speedProfile(points, span, PROFILE.parts), topOf(scale), PROFILE.width, PROFILE.height);
    document.querySelector('#profile path')?.setAttribute('d', path);
  }

  private press(): void {
    if (!this.span) return;
    this.replay = toggle(this.replay, this.span);
    this.playedAt = performance.now();
    this.refresh();
    if (this.replay.playing) requestAnimationFrame((now) => this.tick(now));
  }

  private slide(): void {
    if (!this.span) return;
    this.replay = seek(this.replay, this.span.from + Number(this.slider.value) * 1_000, this.span);
    this.refresh();
  }

  private tick(now: number): void {
    if (!this.span || !this.replay.playing) return;
    this.replay = advance(this.replay, Math.max(0, now - this.playedAt), this.span);
    this.playedAt = now;
    this.refresh();
    if (this.replay.playing) requestAnimationFrame((next) => this.tick(next));
  }

  private refresh(): void {
    if (!this.span) return;
    const { time, playing } = this.replay;
    this.button.textContent = playing ? 'Pause' : 'Play';
    this.slider.value = String((time - this.span.from) / 1_000);
    const moment = this.track?.at(time);
    this.tell(time, moment);
    this.onMoment(moment);
  }

  private tell(time: number, moment: Moment | undefined): void {
    const speed = moment?.speed === undefined ? '–' : inSpeed(moment.speed);
    element('at-time').textContent = inTime(time);
    element('at-speed').textContent = moment?.gap ? 'no points' : speed;
    const altitude = moment?.altitude;
    element('at-altitude').textContent = altitude === undefined ? '–' : inAltitude(altitude);
    this.slider.setAttribute('aria-valuetext', `${inDayTime(time)}, ${moment?.gap ? 'no points' : speed}`);
  }
}
