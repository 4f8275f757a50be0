import type { Objective } from './objective.ts';

/** A file to be written; `edit` is one later correction of it, made in place. */
export type Draft = { path: string; content: string; edit?: { old: string; new: string } };

/** A half of the work that one agent can do while another does the other half. */
export type Part = {
  /** For task names: `user store and validation`. */
  title: string;
  /** What a task's name says when this half is meant. */
  words: RegExp;
  files: Draft[];
  decisions: string[];
};

/**
 * All files of a project, a pure function of the objective: whichever agents write them, in whatever order, they fit
 * together, and two agents that write the same path write the same bytes.
 */
export type Kit = {
  /** `auto` makes a plan of its two parts and a review, with an outline before; by the strategies' templates without. */
  plan?: 'short' | 'outlined';
  /** It has no content, and whatever is written about it says so. */
  isShape?: boolean;
  core: Part;
  surface: Part;
  /** Empty for kinds of work that cannot be executed. */
  unitTests: Draft[];
  integrationTests: Draft[];
  /** One line for each thing that the two halves agree on. */
  contract: string[];
  /** Shell commands for the README. */
  commands: string[];
  /** Lines on what the result is for. */
  features: string[];
};

export type KitMaker = (objective: Objective) => Kit;

/** A package.json whose test script is added by a later edit, as people do when the tests arrive. */
export const packageJson = (objective: Objective, start: string): Draft => {
  const lines = (scripts: string[]): string =>
    `${JSON.stringify(
      {
        name: objective.slug,
        version: '0.1.0',
        private: true,
        type: 'module',
        description: objective.title,
        engines: { node: '>=20' },
        scripts: { SCRIPTS: '' },
      },
      null,
      2,
    ).replace('"SCRIPTS": ""', scripts.join(',\n    '))}\n`;
  const startLine = `"start": "node ${start}"`;
  return {
    path: 'package.json',
    content: lines([startLine]),
    edit: { old: startLine, new: `${startLine},\n    "test": "node --test"` },
  };
};

/** A draft as it reads once its edit was made. */
export const finished = (draft: Draft): string =>
  draft.edit === undefined
    ? draft.content
    : draft.content.replace(draft.edit.old, () => draft.edit?.new ?? '');
