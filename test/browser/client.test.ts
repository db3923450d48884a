import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { z } from 'zod';
import type * as client from '../../client/src/index';
import { MemoryServer } from '../client/server';
import { eventually } from '../system/stack';
import { hasBrowser, howToGetOne, launchProfile } from './chrome';

declare global {
  var waystreamClient: typeof client;
  var tracker: client.Tracker | undefined;
}

jest.setTimeout(300_000);
const PATIENCE_MS = 60_000;
const root = join(__dirname, '..', '..');
const processes = z.object({ processInfo: z.array(z.object({ type: z.string(), id: z.int() })) });

const suite = hasBrowser ? 'the client in a browser' : `the client in a browser: ${howToGetOne}`;
(hasBrowser ? describe : describe.skip)(suite, () => {
  let profile: string;
  let script: string;
  let server: MemoryServer;
  let context: BrowserContext;

  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), 'waystream-profile-'));
    server = await MemoryServer.open();
    const { outputFiles } = await build({
      entryPoints: [join(root, 'client/src/index.ts')],
      bundle: true,
      format: 'iife',
      globalName: 'waystreamClient',
      platform: 'browser',
      write: false,
    });
    script = outputFiles[0]?.text ?? '';
    context = await launchProfile(profile);
  });

  afterAll(async () => {
    await context?.close();
    await server.close();
    await rm(profile, { recursive: true, force: true });
  });

  /** A page of the API's own origin that has the client. */
  async function open(): Promise<Page> {
    const page = await context.newPage();
    await page.route('**/page', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
    await page.goto(`${server.url}/page`);
    await page.addScriptTag({ content: script });
    return page;
  }

  /** Ends the browser as the system does that needs its memory. */
  async function kill(): Promise<void> {
    const session = await context.browser()?.newBrowserCDPSession();
    if (!session) throw new Error('The profile has no browser.');
    const { processInfo } = processes.parse(await session.send('SystemInfo.getProcessInfo'));
    const { id } = processInfo.find(({ type }) => type === 'browser') ?? {};
    if (id === undefined) throw new Error('The browser has no process.');
    const closed = new Promise((resolve) => context.once('close', resolve));
    process.kill(id, 'SIGKILL');
    await closed;
  }

  /** Starts a tracker in the page. @param points it is told; resolves once all are kept */
  const track = (page: Page, points: number) =>
    page.evaluate(async (count) => {
      const { Tracker, IndexedDbStore } = waystreamClient;
      const source: client.Source & { tell?: (point: client.Point) => Promise<void> } = {
        start(tell) {
          source.tell = tell;
          return () => undefined;
        },
      };
      const made = new Tracker({
        api: location.origin,
        token: 'token',
        task: 'ride',
        source,
        store: new IndexedDbStore('rides'),
        sampling: { intervalMs: { still: 0, slow: 0, fast: 0 } },
        backoff: { firstMs: 50, mostMs: 200 },
      });
      await made.start();
      globalThis.tracker = made;
      const from = Date.now();
      for (let each = 0; each < count; each++) {
        await source.tell?.({ time: from + each, lat: 41 + each * 1e-4, lon: -8, attributes: { each } });
      }
      return made.stats;
    }, points);

  test('points kept in IndexedDB outlive the browser’s process, and each is sent once', async () => {
    // A clock that is wrong, and answers that are lost: a point sent again under another time would count twice.
    let answers = 0;
    server.fault = () => (answers++ === 0 ? { status: 202, afterTaking: true, cut: true } : { status: 500 });
    const page = await open();
    expect(await track(page, 60)).toMatchObject({ kept: 60, waiting: 60 });
    await eventually(() => answers > 2, PATIENCE_MS);
    await kill();
    server.fault = () => undefined;
    context = await launchProfile(profile);
    const again = await open();
    await track(again, 0);
    await eventually(() => server.track('ride').length === 60, PATIENCE_MS);
    await eventually(() => again.evaluate(() => globalThis.tracker?.stats.waiting === 0), PATIENCE_MS);
    expect(server.track('ride').map(({ attributes }) => attributes?.each)).toEqual(
      Array.from({ length: 60 }, (_, each) => each),
    );
    await again.evaluate(() => globalThis.tracker?.stop());
    await again.close();
  });

  test('two tabs don’t track into one store; the second may once the first has ended', async () => {
    const [first, second] = [await open(), await open()];
    await track(first, 0);
    await expect(track(second, 0)).rejects.toThrow('Another tab');
    await first.evaluate(() => globalThis.tracker?.stop());
    await first.close();
    await expect(track(second, 0)).resolves.toMatchObject({ waiting: 0 });
    await second.close();
  });

  test('takes positions from the browser', async () => {
    await context.grantPermissions(['geolocation'], { origin: server.url });
    await context.setGeolocation({ latitude: 41.5, longitude: -8.25, accuracy: 12 });
    const page = await open();
    await page.evaluate(async () => {
      const { Tracker, MemoryStore, geolocationSource } = waystreamClient;
      const made = new Tracker({
        api: location.origin,
        token: 'token',
        task: 'here',
        source: geolocationSource(),
        store: new MemoryStore(),
      });
      await made.start();
    });
    const [point] = await eventually(() => server.track('here').length > 0 && server.track('here'), PATIENCE_MS);
    expect(point).toMatchObject({ lat: 41.5, lon: -8.25, accuracy: 12 });
    await page.close();
  });
});
