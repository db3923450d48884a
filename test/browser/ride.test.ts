import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Position } from '../../lambdas/contract/position';
import { readDataset } from '../../replay/datasets';
import { eventually, type Place, StackClient, startedStack } from '../system/stack';
import { hasBrowser, howToGetOne, launchBrowser } from './chrome';
import { ConsolePage } from './console-page';

const root = join(__dirname, '..', '..');
/** Software graphics on a busy machine draw a frame in a second or two. */
const PATIENCE_MS = 90_000;

/** A taxi, and its trip with a spike of 2.3 km. */
const owner = 'taxi-20000589';
const task = '1372667894620000589';
/** Reported last, though it lies in the middle. */
const LATE = 12;

jest.setTimeout(4 * PATIENCE_MS);

/** The trip's points, so long ago that corrections have nothing to wait for. */
async function trip(): Promise<Position[]> {
  const recorded = (await readDataset('porto')).filter((each) => each.device === owner && each.task === task);
  const shift = Date.now() - 900_000 - (recorded.at(-1)?.point.time ?? 0);
  return recorded.map(({ point }) => ({ ...point, time: point.time + shift }));
}

/** How much is drawn of each layer. */
const drawn = (page: Page, layer: string) =>
  page.evaluate((id) => {
    const map = globalThis.waystreamRide?.map;
    return map?.getLayer(id) ? map.queryRenderedFeatures(undefined, { layers: [id] }).length : 0;
  }, layer);

/** When each point lies that the page has read. */
const times = (page: Page) => page.evaluate(() => globalThis.waystreamRide?.page?.points.map(({ time }) => time) ?? []);

/** The longest straight line of the track, degrees of longitude: a step of the spike is ten times one of the way. */
const longestStep = (page: Page) =>
  page.evaluate(() => {
    const found = globalThis.waystreamRide?.map.querySourceFeatures('ride') ?? [];
    const steps = found.flatMap(({ geometry }) => {
      const line = geometry.type === 'LineString' ? geometry.coordinates : [];
      return line.slice(1).map(([lon = 0], index) => Math.abs(lon - (line[index]?.[0] ?? lon)));
    });
    return Math.max(0, ...steps);
  });
/** Between a step of the way and one of the spike, which a tile's edge may cut. */
const SPIKE = 0.01;

const suite = hasBrowser ? 'a ride in a browser' : `a ride in a browser: ${howToGetOne}`;
(hasBrowser ? describe : describe.skip)(suite, () => {
  let place: Place;
  let client: StackClient;
  let browser: Browser;
  let tab: ConsolePage;
  let points: Position[];

  const address = (query: Record<string, string>) =>
    String(new URL(`ride.html?${new URLSearchParams(query)}`, place.console));
  const says = (page: ConsolePage, id: string, expected: RegExp) =>
    eventually(
      async () => expected.test(await page.text(id)),
      PATIENCE_MS,
      () => `#${id} never said ${expected}: ${page.complaints.join('\n')}`,
    );
  const report = (some: Position[]) => client.report([{ deviceId: owner, taskId: task, points: some }]);
  const choose = (value: string) => tab.page.locator(`#view [value=${value}]`).check();

  beforeAll(async () => {
    place = await startedStack();
    client = new StackClient(place);
    points = await trip();
    await report(points.slice(0, 30).filter((_, index) => index !== LATE));
    await client.settled();
    browser = await launchBrowser();
    tab = await ConsolePage.open(browser, address({ owner, task }));
  });

  afterAll(() => browser?.close());

  test('shows the track in colours of speed, with its figures', async () => {
    await says(tab, 'figures', /Points29/);
    await says(tab, 'state', /going on/);
    await eventually(async () => (await drawn(tab.page, 'ride')) > 3, PATIENCE_MS);
    expect(await tab.text('title')).toBe(task);
    expect(await tab.text('message')).toBe('');
    expect(await tab.text('classes')).toMatch(/^0–\d+.*km\/h and more$/);
  });

  test('follows the ride as it goes on, points that come late too, each once', async () => {
    await report(points.slice(30));
    await report([points[LATE] ?? points[0]].flatMap((point) => point ?? []));
    await report(points.slice(5, 10));
    const expected = points.map(({ time }) => time);
    await eventually(
      async () => (await times(tab.page)).length === expected.length,
      PATIENCE_MS,
      () => 'The page never had all points.',
    );
    expect(await times(tab.page)).toEqual(expected);
    await says(tab, 'figures', new RegExp(`Points${points.length}`));
    await says(tab, 'figures', /Spikes left out1/);
  });

  test('replays it by the keyboard alone', async () => {
    const { page } = tab;
    await page.locator('#slider').focus();
    await page.keyboard.press('Home');
    const start = await tab.text('at-time');
    await page.keyboard.press('ArrowRight');
    expect(await tab.text('at-time')).not.toBe(start);
    expect(await page.locator('#slider').getAttribute('aria-valuetext')).toMatch(/\d\d:\d\d:\d\d, \d+\.\d km\/h/);
    await page.keyboard.press('Home');
    await page.locator('#play').focus();
    await page.keyboard.press('Enter');
    expect(await tab.text('play')).toBe('Pause');
    await eventually(async () => (await tab.text('at-time')) !== start, PATIENCE_MS);
    expect(await tab.text('at-speed')).toMatch(/^\d+\.\d km\/h$/);
    await page.keyboard.press('Enter');
    const paused = await tab.text('at-time');
    expect(await tab.text('play')).toBe('Play');
    await eventually(async () => (await drawn(page, 'here')) === 1, PATIENCE_MS);
    expect(await tab.text('at-time')).toBe(paused);
  });

  test('shows it corrected, without the spike, and both', async () => {
    const token = await client.token(owner, 'device');
    await client.request(`/v1/rides/${task}/finish`, { method: 'POST', token });
    await says(tab, 'state', /^finished$/);
    await eventually(async () => (await longestStep(tab.page)) > SPIKE, PATIENCE_MS);
    await choose('corrected');
    await says(tab, 'correction', /^$/);
    const corrected = async () => {
      const longest = await longestStep(tab.page);
      return longest > 0 && longest < SPIKE;
    };
    await eventually(corrected, PATIENCE_MS);
    expect(await drawn(tab.page, 'beside')).toBe(0);
    await choose('both');
    await eventually(async () => (await drawn(tab.page, 'beside')) > 0, PATIENCE_MS);
    expect(await tab.page.locator('#beside-key').isVisible()).toBe(true);
    expect(await corrected()).toBe(true);
    await choose('raw');
    await eventually(async () => (await drawn(tab.page, 'beside')) === 0, PATIENCE_MS);
  });

  test.each(['gpx', 'geojson', 'csv'])('saves it as %s, with the token in no address', async (format) => {
    const asked: string[] = [];
    tab.page.on('request', (request) => asked.push(request.url()));
    const saving = tab.page.waitForEvent('download', { timeout: PATIENCE_MS });
    await tab.page.locator(`[data-format=${format}]`).click();
    const file = await saving;
    expect(file.suggestedFilename()).toBe(`${owner}-${task}.${format}`);
    const saved = await readFile(await file.path(), 'utf8');
    const token = await client.token('olga', 'operator');
    const { text } = await client.request(`/v1/tracks/${owner}/${task}?format=${format}`, { token });
    expect(format === 'geojson' ? JSON.parse(saved) : saved).toEqual(format === 'geojson' ? JSON.parse(text) : text);
    expect(asked.filter((url) => url.startsWith(place.api)).length).toBeGreaterThan(0);
    // The page goes on asking for what is new: a cursor begins as a token does, and has no dots.
    expect(asked.filter((url) => /token|bearer|eyJ[\w-]+\.[\w-]+\./i.test(url))).toEqual([]);
  });

  test('lists the owner’s rides, the one that is shown marked', async () => {
    const link = tab.page.locator('#rides a[aria-current=page]');
    expect(await link.locator('.task').textContent()).toBe(task);
    expect(await link.getAttribute('href')).toBe(`./ride.html?owner=${owner}&task=${task}`);
    expect(await link.locator('svg path').getAttribute('d')).toMatch(/^M[\d.]+ [\d.]+L/);
  });

  test('asks nobody but this machine, and has nothing to complain about', async () => {
    expect([...tab.hosts]).toEqual([new URL(place.console).hostname]);
    expect(tab.complaints).toEqual([]);
    await tab.page.close();
  });

  test('is reached from the vehicle on the live map', async () => {
    const device = 'taxi-of-the-hour';
    const now = Date.now();
    const standing = [3, 2, 1].map((ago) => ({ time: now - ago * 1_000, lat: 41.2, lon: -8.5 }));
    await client.report([{ deviceId: device, taskId: 'trip-of-the-hour', points: standing }]);
    const map = await ConsolePage.open(browser, String(new URL('#16/41.2/-8.5', place.console)));
    await eventually(async () => (await map.drawn())[device] !== undefined, PATIENCE_MS);
    await map.page.locator('canvas').focus();
    await map.page.keyboard.press('Enter');
    await map.page.locator('#vehicle-rides a').click({ timeout: PATIENCE_MS });
    await says(map, 'title', /^trip-of-the-hour$/);
    await says(map, 'of', new RegExp(`^of ${device}`));
    await map.page.close();
  });

  test('says so where there is no such ride, and lists those that there are', async () => {
    const page = await ConsolePage.open(browser, address({ owner, task: 'no-such-ride' }));
    await says(page, 'message', /There is no ride “no-such-ride” of “taxi-20000589”/);
    await page.page.locator('#rides a').first().waitFor({ timeout: PATIENCE_MS });
    await page.page.close();
  });

  test('asks for a token where it has none; a ride without a point says so, and shows its first one by itself', async () => {
    const token = await client.token('carla', 'device');
    await client.request('/v1/rides', { token, body: { task: 'first-ride', activity: 'cycling' } });
    const page = await ConsolePage.open(browser, address({ task: 'first-ride' }), ({ api, ws }) => ({ api, ws }));
    const enter = async (text: string) => {
      await page.page.locator('#token').fill(text);
      await page.page.keyboard.press('Enter');
    };
    await page.page.locator('#sign-in').waitFor({ state: 'visible' });
    await enter('not.a.token');
    await says(page, 'sign-in-reason', /refused/);
    await enter(token);
    await says(page, 'message', /^Nothing yet/);
    await says(page, 'of', /^of carla · cycling$/);
    expect(await page.page.locator('#whose').isVisible()).toBe(false);
    await client.request('/v1/positions', {
      token,
      body: { taskId: 'first-ride', points: [{ time: Date.now() - 1_000, lat: 41.15, lon: -8.61 }] },
    });
    await says(page, 'message', /^$/);
    expect(await times(page.page)).toHaveLength(1);
    await page.page.close();
  });

  if (process.env.UPDATE_PICTURES) {
    test('is in the README’s picture', async () => {
      const page = await ConsolePage.open(browser, address({ owner, task }));
      await page.page.setViewportSize({ width: 1100, height: 690 });
      await says(page, 'figures', /Points36/);
      await page.page.locator('#view [value=both]').check();
      await page.page.locator('#slider').focus();
      for (let presses = 0; presses < 200; presses++) await page.page.keyboard.press('ArrowLeft');
      await eventually(async () => (await drawn(page.page, 'beside')) > 0, PATIENCE_MS);
      await eventually(
        () => page.page.evaluate(() => globalThis.waystreamRide?.map.areTilesLoaded() ?? false),
        PATIENCE_MS,
      );
      await page.page.screenshot({ path: join(root, 'docs/images/ride.png'), timeout: PATIENCE_MS });
      await page.page.close();
    });
  }
});
