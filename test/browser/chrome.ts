import { type Browser, chromium } from 'playwright-core';

/** The package that brings a browser along has it for this platform only. */
const bundled = process.platform === 'linux' && process.arch === 'x64';

export const hasBrowser = process.env.CHROME_PATH !== undefined || bundled;

/** What a skipped suite says. */
export const howToGetOne = 'set CHROME_PATH to an installed Chrome or Chromium to run this';

/** WebGL without a graphics card: the map needs it. */
const softwareGraphics = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** Starts `CHROME_PATH`, or else the browser that an npm package brings along. */
export async function launchBrowser(): Promise<Browser> {
  if (process.env.CHROME_PATH !== undefined) {
    return chromium.launch({ executablePath: process.env.CHROME_PATH, args: softwareGraphics });
  }
  const { default: carried } = await import('@sparticuz/chromium');
  // In a single process the browser ends with its first page.
  const args = [...carried.args.filter((arg) => arg !== '--single-process'), ...softwareGraphics];
  return chromium.launch({ executablePath: await carried.executablePath(), args });
}
