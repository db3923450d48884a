import { parseArgs } from 'node:util';
import { machine } from '../machine';
import { powerCuts } from './power-cuts';

const HELP = `npm run bench:power-cut [-- --kills 200 --seed 1]

Kills a process that tracks into the Node.js buffer (SIGKILL) at many random moments, each time starting another on the
same log, against a server that loses one answer in five and fails one request in ten. In the end every point whose
keeping was acknowledged has to be on the server, and none twice. About half a second a kill.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(HELP);
  console.log(machine());
  const result = await powerCuts(Number(values.kills), Number(values.seed), (done) => {
    if (done % 20 === 0) console.log(`${done} kills`);
  });
  const { kills, acknowledged, lost, doubled, repeated } = result;
  console.log(
    `${kills} kills: ${acknowledged} points acknowledged, ${lost.length} lost, ${doubled.length} doubled; ` +
      `${repeated} reached the server more than once and count once`,
  );
  if (lost.length + doubled.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
