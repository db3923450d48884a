// Which whole-stack tests run together, on stacks of their own.

import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { root } from './install.mjs';

/**
 * @typedef {object} Group
 * @property {string} name
 * @property {string} project of jest
 * @property {string[]} files paths from the project's root
 */

/** Where the tests of a project are. */
const PROJECTS = {
  system: { folder: 'test/system', below: true },
  faults: { folder: 'test/faults', below: false },
  browser: { folder: 'test/browser', below: true },
};

/**
 * What a file's path begins with, group by group; those that take long are first, so that the last to end is a short one.
 * A project's files that none of these takes are a group too, after them.
 */
const GROUPS = [
  {
    name: 'parts',
    project: 'system',
    files: ['hot/', 'latest/', 'search/', 'tracks/', 'live/', 'engines'].map(inSystem),
  },
  { name: 'engines killed', project: 'faults', files: ['test/faults/engines'] },
  { name: 'plan', project: 'system', files: ['test/system/plan'] },
  { name: 'apps, files and correction', project: 'system', files: ['apps', 'files', 'correction'].map(inSystem) },
  { name: 'rides and direct writes', project: 'system', files: ['rides', 'direct', 'sdk'].map(inSystem) },
  { name: 'history', project: 'system', files: ['test/system/history'] },
  { name: 'stack and security', project: 'system', files: ['local/', 'security/', 'without-search'].map(inSystem) },
  { name: 'fuzz', project: 'system', files: [inSystem('fuzz/')] },
  { name: 'permissions', project: 'system', files: ['test/system/permissions'] },
];

function inSystem(path) {
  return `test/system/${path}`;
}

/** @returns {string[]} the test files of a project, paths with slashes */
function filesOf({ folder, below }) {
  return readdirSync(join(root, folder), { recursive: below, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `${folder}/${file.split(sep).join('/')}`)
    .sort();
}

/**
 * The groups of some projects: each of their files is in one of them.
 * @param {string[]} projects
 * @param {(project: string) => string[]} list the files of a project
 * @returns {Group[]}
 */
export function groupsOf(projects, list = (project) => filesOf(PROJECTS[project])) {
  const left = new Map(projects.map((project) => [project, new Set(list(project))]));
  const chosen = GROUPS.filter(({ project }) => left.has(project)).map(({ name, project, files }) => {
    const own = [...left.get(project)].filter((file) => files.some((start) => file.startsWith(start)));
    for (const file of own) left.get(project).delete(file);
    return { name, project, files: own };
  });
  const rest = [...left].map(([project, files]) => ({ name: `other ${project} tests`, project, files: [...files] }));
  return [...chosen, ...rest].filter(({ files }) => files.length > 0);
}
