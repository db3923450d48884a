import { why } from '../ask';
import { element, say } from '../element';
import { type FileFormat, fileFormats, fileName } from './file-pages';
import type { RideApi, RideName, View } from './ride-api';

/** How long a file stays for the browser to take it (ms). */
const KEPT_MS = 60_000;

/** Hands a file to the browser: fetched with the token in a header, so that no address holds it. */
function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

async function download(api: RideApi, ride: RideName, format: FileFormat, view: View): Promise<void> {
  say('download-state', `Reading the ${view} track…`);
  try {
    const name = fileName(ride.owner, ride.task, view, format);
    save(await api.file(ride, format, view), name);
    say('download-state', `Saved ${name}.`);
  } catch (error) {
    say('download-state', `No file: ${why(error)}`);
  }
}

/** Makes the buttons download the track. @param view which one is shown */
export function listenForDownloads(api: RideApi, ride: RideName, view: () => View): void {
  for (const button of element('downloads').querySelectorAll('button')) {
    const format = fileFormats.find((each) => each === button.dataset.format);
    if (!format) continue;
    button.addEventListener('click', async () => {
      button.disabled = true;
      await download(api, ride, format, view());
      button.disabled = false;
    });
  }
}
