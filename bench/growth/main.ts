import { parseArgs } from 'node:util';
import { machine } from '../machine';
import { onStack } from '../running';
import { growByDevices } from './devices';
import { print } from './fit';
import { growByHistory } from './history';
import { growByViewers } from './viewers';

const help = `npm run bench:growth [-- options]

How cost grows, with 1, 2, 4, 8 times the devices; 1, 10, 100 times the history; and 1 to 2,000 viewers of one cell.
Each line is a count at each size, the power of the size that it grows with (0 flat, 1 linear), and that in words.

  --only LIST    devices,history,viewers: some of the three
  --devices N    of the first size (30)
  --seconds S    measured at each number of devices (40; 20 with --short)
  --short        at most 200 viewers, and half the seconds
  --stack FILE   use the running stack that wrote this ready file`;

const options = {
  only: { type: 'string', default: 'devices,history,viewers' },
  devices: { type: 'string', default: '30' },
  seconds: { type: 'string' },
  short: { type: 'boolean', default: false },
  stack: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(help);
  const wanted = new Set(values.only.split(','));
  const seconds = Number(values.seconds ?? (values.short ? 20 : 40));
  console.log(`${machine()}.\n`);
  await onStack({ readyFile: values.stack }, async (client) => {
    if (wanted.has('devices')) print('Devices', await growByDevices(client, Number(values.devices), seconds));
    if (wanted.has('history')) print('Days of history', await growByHistory(client));
    const sizes = values.short ? [1, 10, 50, 200] : [1, 10, 100, 500, 2_000];
    if (wanted.has('viewers')) print('Viewers of one cell', await growByViewers(client, sizes));
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
