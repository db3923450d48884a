import type { Ride } from '../../lambdas/contract/rides';
import { why } from '../ask';
import { element, say } from '../element';
import { rideAddress } from './address';
import { inDayTime, inDuration, inLength } from './format';
import { decodePolyline, outlinePath } from './outline';
import type { RideApi } from './ride-api';

/** Pixels of a small picture of a way. */
const PICTURE = 36;
const SVG = 'http://www.w3.org/2000/svg';

function picture(polyline: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', `-3 -3 ${PICTURE + 6} ${PICTURE + 6}`);
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', outlinePath(decodePolyline(polyline), PICTURE));
  svg.append(path);
  return svg;
}

function line(kind: string, text: string): HTMLElement {
  const span = document.createElement('span');
  span.className = kind;
  span.textContent = text;
  return span;
}

/** @returns what is said of a ride in the list */
export function summaryOf({ activity, state, statistics }: Ride, zone?: string): { when: string; what: string } {
  if (!statistics) return { when: 'no point yet', what: [activity, state].filter(Boolean).join(' · ') };
  const { startedAt, distance, elapsedSeconds } = statistics;
  const parts = [inLength(distance), inDuration(elapsedSeconds), activity, state === 'active' && 'going on'];
  return { when: inDayTime(startedAt, zone), what: parts.filter(Boolean).join(' · ') };
}

/** The owner's rides, newest first, each a link to its page. */
export class RidesList {
  private cursor: string | undefined;
  private readonly list = element('rides');
  private readonly more = element('more', HTMLButtonElement);

  /** @param shown the task of the page that is open */
  constructor(
    private readonly api: RideApi,
    private readonly owner: string | undefined,
    private readonly shown: string | undefined,
  ) {
    this.more.addEventListener('click', () => void this.load());
  }

  get empty(): boolean {
    return this.list.childElementCount === 0;
  }

  /** Reads the next rides; says why not where that fails. */
  async load(): Promise<void> {
    this.more.disabled = true;
    try {
      const { rides, next } = await this.api.rides(this.owner, this.cursor);
      this.list.append(...rides.map((ride) => this.item(ride)));
      this.cursor = next;
      this.more.hidden = next === undefined;
      say('rides-state', this.empty ? 'No rides yet.' : '');
    } catch (error) {
      say('rides-state', `The list can’t be read: ${why(error)}`);
    } finally {
      this.more.disabled = false;
    }
  }

  private item(ride: Ride): HTMLElement {
    const { when, what } = summaryOf(ride);
    const link = document.createElement('a');
    link.href = rideAddress(ride.owner, ride.task);
    if (ride.task === this.shown) link.setAttribute('aria-current', 'page');
    if (ride.statistics) link.append(picture(ride.statistics.polyline));
    link.append(line('task', ride.task), line('when', when), line('what', what));
    const item = document.createElement('li');
    item.append(link);
    return item;
  }
}
