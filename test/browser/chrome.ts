import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright-core';

/** The package that brings a browser along has it for this platform only. */
const bundled = process.platform === 'linux' && process.arch === 'x64';

export const hasBrowser = process.env.CHROME_PATH !== undefined || bundled;

/** What a skipped suite says. */
export const howToGetOne = 'set CHROME_PATH to an installed Chrome or Chromium to run this';

/** WebGL without a graphics card: the map needs it. */
const softwareGraphics = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** How to start `CHROME_PATH`, or else the browser that an npm package brings along. */
async function options(): Promise<LaunchOptions> {
  if (process.env.CHROME_PATH !== undefined) return { executablePath: process.env.CHROME_PATH, args: softwareGraphics };
  const { default: carried } = await import('@sparticuz/chromium');
  // In a single process the browser ends with its first page.
  const args = [...carried.args.filter((arg) => arg !== '--single-process'), ...softwareGraphics];
  return { executablePath: await carried.executablePath(), args };
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch(await options());
}

/** Starts a browser that keeps what pages store in a folder, so that another finds it there. */
export async function launchProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, await options());
}
