import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { readDataset } from '../../replay/datasets';
import { asFeeder } from '../../replay/reporters';
import { replay } from '../../replay/run';
import { eventually, type Place, StackClient, startedStack, untilNamesHold } from '../system/stack';
import { hasBrowser, howToGetOne, launchBrowser } from './chrome';
import { ConsolePage } from './console-page';
import { openLine } from './line';

const root = join(__dirname, '..', '..');
/** Software graphics on a busy machine draw a frame in a second or two. */
const PATIENCE_MS = 90_000;
/** From here on the morning is busy: taxis are everywhere in the picture. */
const BUSY = 6_000;
/** Clear of the panels, in pixels. */
const clear = ({ x, y }: { x: number; y: number }) => x > 250 && x < 540 && y > 100 && y < 420;

jest.setTimeout(4 * PATIENCE_MS);

const suite = hasBrowser ? 'the console in a browser' : `the console in a browser: ${howToGetOne}`;
(hasBrowser ? describe : describe.skip)(suite, () => {
  const end = new AbortController();
  let place: Place;
  let client: StackClient;
  let browser: Browser;
  let console: ConsolePage;
  let taxis: Promise<unknown>;

  const live = (tab: ConsolePage) =>
    eventually(
      async () => (await tab.text('state')) === 'live' && Number(await tab.text('count')) > 0,
      PATIENCE_MS,
      () => `no vehicles: ${tab.received.length} frames, ${tab.complaints.join('\n')}`,
    );

  /** Clicks on a vehicle until one is chosen: it may have driven away from under the pointer. @returns its id */
  const choose = (tab: ConsolePage) =>
    eventually(async () => {
      const found = Object.values(await tab.drawn()).find(clear);
      if (found) await tab.page.mouse.click(found.x, found.y);
      return (await tab.page.locator('#vehicle').isVisible()) && tab.text('vehicle-name');
    }, PATIENCE_MS);

  const tracked = (tab: ConsolePage) =>
    eventually(
      async () => /[1-9]\d* points in the last hour/.test(await tab.text('vehicle-detail')) && (await tab.track()) > 0,
      PATIENCE_MS,
      () => 'no track',
    );

  beforeAll(async () => {
    place = await startedStack();
    client = new StackClient(place);
    const counters = { requests: 0, accepted: 0, refused: 0, retried: 0 };
    taxis = replay({
      set: (await readDataset('porto')).slice(BUSY),
      name: 'porto',
      reporter: asFeeder(place.api, await client.token('replay', 'feeder'), counters),
      speed: 20,
      intervals: 'live',
      flatOut: false,
      signal: end.signal,
      onProgress: () => undefined,
    }).catch((error: unknown) => {
      if (!end.signal.aborted) throw error;
    });
    browser = await launchBrowser();
    console = await ConsolePage.open(browser, place.console);
  });

  afterAll(async () => {
    end.abort();
    await browser?.close();
    await taxis;
  });

  test('shows vehicles that move', async () => {
    await live(console);
    const first = await eventually(async () => {
      const drawn = await console.drawn();
      return Object.keys(drawn).length > 0 && drawn;
    }, PATIENCE_MS);
    await eventually(async () => {
      const now = await console.drawn();
      return Object.entries(first).some(([id, { x, y }]) => {
        const later = now[id];
        return later !== undefined && Math.hypot(later.x - x, later.y - y) > 2;
      });
    }, PATIENCE_MS);
  });

  test('draws the track of a vehicle that is clicked, and forgets it on Escape', async () => {
    const id = await choose(console);
    expect(id).toMatch(/^taxi-\d+$/);
    await tracked(console);
    await console.page.keyboard.press('Escape');
    expect(await console.page.locator('#vehicle').isVisible()).toBe(false);
    await eventually(async () => (await console.track()) === 0, PATIENCE_MS);
  });

  test('subscribes to what it shows, and anew when the map is moved', async () => {
    const before = console.viewports.at(-1);
    const { snapshots } = console;
    if (!before) throw new Error('Nothing was subscribed.');
    await console.page.mouse.move(400, 350);
    await console.page.mouse.down();
    await console.page.mouse.move(300, 300, { steps: 8 });
    await console.page.mouse.up();
    const after = await eventually(() => console.viewports.find(({ west }) => west > before.west), PATIENCE_MS);
    expect(after.south).toBeLessThan(before.south);
    expect(after.east - after.west).toBeCloseTo(before.east - before.west, 6);
    await eventually(() => console.snapshots > snapshots, PATIENCE_MS);
    await live(console);
  });

  test('asks nobody but this machine, and has nothing to complain about', async () => {
    await console.page.close();
    expect([...console.hosts]).toEqual([new URL(place.console).hostname]);
    expect(console.complaints).toEqual([]);
  });

  test('comes back by itself when its connection is cut', async () => {
    const line = await openLine(Number(new URL(place.ws).port));
    try {
      const ws = place.ws.replace(/:\d+/, `:${line.port}`);
      const tab = await ConsolePage.open(browser, place.console, (real) => ({ ...real, ws }));
      await live(tab);
      const { snapshots } = tab;
      const subscribed = tab.viewports.length;
      expect(line.cut()).toBe(1);
      await eventually(() => tab.snapshots > snapshots, PATIENCE_MS);
      expect(tab.viewports.length).toBeGreaterThan(subscribed);
      await live(tab);
      await tab.page.close();
    } finally {
      line.close();
    }
  });

  test('asks for a token where it has none, and again when that is refused; a viewer sees pseudonyms', async () => {
    await untilNamesHold();
    const tab = await ConsolePage.open(browser, place.console, ({ api, ws }) => ({ api, ws }));
    const signIn = tab.page.locator('#sign-in');
    const enter = async (token: string) => {
      await tab.page.locator('#token').fill(token);
      await tab.page.keyboard.press('Enter');
    };
    await signIn.waitFor({ state: 'visible' });
    await enter('not.a.token');
    await eventually(async () => (await tab.text('sign-in-reason')).includes('refused'), PATIENCE_MS);
    await enter(await client.token('somebody', 'viewer'));
    await live(tab);
    expect(await signIn.isVisible()).toBe(false);
    const names = await eventually(async () => {
      const drawn = Object.keys(await tab.drawn());
      return drawn.length > 0 && drawn;
    }, PATIENCE_MS);
    expect(names.filter((name) => name.startsWith('taxi-'))).toEqual([]);
    await tab.page.close();
  });

  if (process.env.UPDATE_PICTURES) {
    test('is in the README’s picture', async () => {
      const folder = join(root, 'docs/images');
      await mkdir(folder, { recursive: true });
      const tab = await ConsolePage.open(browser, place.console);
      await tab.page.setViewportSize({ width: 1280, height: 800 });
      await live(tab);
      await tab.page.waitForTimeout(25_000); // Trails grow.
      await choose(tab);
      await tracked(tab);
      await tab.page.screenshot({ path: join(folder, 'console.png'), timeout: PATIENCE_MS });
      await tab.page.close();
    });
  }
});
