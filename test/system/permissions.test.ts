import { exhaustive } from '../exhaustive';
import { exercises, prepare } from './permissions/exercises';
import { needless, unused } from './permissions/needless';
import { isProved, noteProved } from './permissions/proved';
import { functionOf, Scene } from './permissions/scene';

jest.setTimeout(300_000);

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
  await prepare(scene);
});
afterEach(() => scene?.closeSockets());
afterAll(() => scene?.stop());

test('each function of the template is exercised', async () => {
  const { functions } = await scene.client.control('GET', 'status');
  const names: string[] = functions.map(({ logicalId }: { logicalId: string }) => logicalId.slice(0, -8));
  const own = names.filter((name) => !name.startsWith('Custom'));
  expect(own.sort()).toEqual(Object.keys(exercises).sort());
});

// A statement that was proved is not taken away again until it changes, but in the complete run, which notes what it proves.
test.each(Object.keys(exercises))(
  '%s uses each of its statements, and fails without any one that is not proved yet',
  async (name) => {
    const grants = await scene.grantsOf(name);
    expect(grants.length).toBeGreaterThan(0);
    const complete = exhaustive(true, false);
    expect(await (complete || !isProved(name, grants) ? needless : unused)(scene, name)).toEqual([]);
    if (complete) noteProved(name, grants);
  },
);

/** What is granted and not used here, and why it is granted all the same. */
const unusedHere: Readonly<Record<string, string>> = {
  'TracksOnPositions kinesis:PutRecords': 'hands back what a table holds up that is away for long: test/faults',
};

test('nothing is granted that was not used, but for what is listed with its reason', async () => {
  const unused = (await scene.grants()).filter(({ role, uses }) => functionOf(role) !== undefined && uses === 0);
  const lines = unused.map(({ role, action }) => `${functionOf(role)} ${action}`);
  expect([...new Set(lines)].sort()).toEqual(Object.keys(unusedHere).sort());
});
