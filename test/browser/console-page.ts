import type { Browser, Page, WebSocket } from 'playwright-core';
import { z } from 'zod';
import { viewportSchema } from '../../lambdas/contract/socket';

/** Small: without a graphics card each pixel costs. */
const viewport = { width: 640, height: 480 };

const subscribeSchema = z.object({ type: z.literal('subscribe'), viewport: viewportSchema });
const snapshotSchema = z.object({ type: z.literal('snapshot') });

/** The console in a tab of its own, with what it did over the network and what it complained about. */
export class ConsolePage {
  readonly hosts = new Set<string>();
  readonly complaints: string[] = [];
  readonly sent: string[] = [];
  readonly received: string[] = [];

  private constructor(readonly page: Page) {
    page.on('request', (request) => this.note(request.url()));
    page.on('websocket', (socket) => this.listen(socket));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** @param config replaces the page's `config.json`, given the real one and how often it was asked before */
  static async open(
    browser: Browser,
    url: string,
    config?: (real: Record<string, unknown>, asked: number) => object,
  ): Promise<ConsolePage> {
    const page = await browser.newPage({ viewport });
    const opened = new ConsolePage(page);
    let asked = 0;
    if (config) {
      await page.route('**/config.json', async (route) => {
        const real = await (await route.fetch()).json();
        await route.fulfill({ json: config(real, asked++) });
      });
    }
    await page.goto(url);
    return opened;
  }

  /** The viewports that were subscribed, in order. */
  get viewports() {
    return this.sent.flatMap((text) => subscribeSchema.safeParse(JSON.parse(text)).data?.viewport ?? []);
  }

  get snapshots(): number {
    return this.received.filter((text) => snapshotSchema.safeParse(JSON.parse(text)).success).length;
  }

  /** Where each vehicle is drawn, in pixels of the page, by its id. */
  drawn(): Promise<Record<string, { x: number; y: number }>> {
    return this.page.evaluate(() => {
      const map = globalThis.waystream?.map;
      const places: Record<string, { x: number; y: number }> = {};
      for (const { geometry, properties } of map?.queryRenderedFeatures({ layers: ['vehicles'] }) ?? []) {
        if (geometry.type !== 'Point') continue;
        const [lon = 0, lat = 0] = geometry.coordinates;
        const at = map?.project([lon, lat]);
        if (at) places[String(properties.id)] = { x: at.x, y: at.y };
      }
      return places;
    });
  }

  /** How many pieces of the chosen vehicle's track are on the map. */
  track(): Promise<number> {
    return this.page.evaluate(() => globalThis.waystream?.map.queryRenderedFeatures({ layers: ['track'] }).length ?? 0);
  }

  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).textContent()) ?? '';
  }

  private note(url: string): void {
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'blob:' && protocol !== 'data:') this.hosts.add(hostname);
  }

  private listen(socket: WebSocket): void {
    this.note(socket.url());
    socket.on('framesent', ({ payload }) => this.sent.push(String(payload)));
    socket.on('framereceived', ({ payload }) => this.received.push(String(payload)));
  }
}
