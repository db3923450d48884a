import type { FeatureCollection } from 'geojson';
import { element } from '../element';
import type { Figure } from './figures';
import { legendOf, type SpeedScale } from './speed-scale';

function row(tag: string, ...content: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  made.append(...content);
  return made;
}

/** Lists a ride's figures. */
export function showFigures(figures: readonly Figure[]): void {
  element('figures').replaceChildren(...figures.map(([name, value]) => row('div', row('dt', name), row('dd', value))));
}

/** Says what the colours of the lines mean. @param beside whether another track lies under them */
export function showLegend(scale: SpeedScale, { features }: FeatureCollection, beside: boolean): void {
  const classes = legendOf(scale).map(({ colour, label }) => {
    const swatch = row('span');
    swatch.className = 'swatch';
    swatch.style.background = colour;
    return row('li', swatch, label);
  });
  element('classes').replaceChildren(...classes);
  element('legend').hidden = features.length === 0;
  element('beside-key').hidden = !beside;
  element('gap-key').hidden = !features.some(({ properties }) => properties?.gap === true);
}
