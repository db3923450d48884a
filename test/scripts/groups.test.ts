import { readdirSync } from 'node:fs';
import { groupsOf } from '../../scripts/groups.mjs';

const projects = ['system', 'faults', 'browser'];

test('each whole-stack test file of the project is in one group', () => {
  const files = groupsOf(projects).flatMap((group) => group.files);
  expect(new Set(files).size).toBe(files.length);
  const all = ['system', 'browser'].flatMap((project) =>
    readdirSync(`test/${project}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => `test/${project}/${file}`),
  );
  const faults = readdirSync('test/faults').filter((file) => file.endsWith('.test.ts'));
  all.push(...faults.map((file) => `test/faults/${file}`));
  expect([...files].sort()).toEqual(all.sort());
});

test('a group has files of one project, and none is empty', () => {
  for (const { project, files } of groupsOf(projects)) {
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !file.startsWith(`test/${project}/`))).toEqual([]);
  }
});

test('a file that no group names runs with the others of its project', () => {
  const groups = groupsOf(['system'], () => ['test/system/plan.test.ts', 'test/system/new.test.ts']);
  expect(groups).toEqual([
    { name: 'plan', project: 'system', files: ['test/system/plan.test.ts'] },
    { name: 'other system tests', project: 'system', files: ['test/system/new.test.ts'] },
  ]);
});
