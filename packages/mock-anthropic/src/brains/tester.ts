import type { Draft, Kit } from '../content/kit.ts';
import { isProgram, kitFor } from '../content/kits.ts';
import { bullets, documentOf, joined, say } from '../content/language.ts';
import type { Work } from './agent-run.ts';
import { runAgent } from './agent-run.ts';
import { pathFor } from './task-focus.ts';
import type { Brain, BrainInput } from './types.ts';

const MAX_READS = 4;

const planDocument = (input: BrainInput, kit: Kit): Draft => {
  const { objective } = input;
  return {
    path: pathFor(input, 'test-plan'),
    content: documentOf(objective, `${say(objective, 'Test plan', 'Testplan')}: ${objective.title}`, [
      [say(objective, 'What must hold', 'Was gelten muss'), bullets(kit.features)],
      [say(objective, 'Agreements to check', 'Zu prüfende Abmachungen'), bullets(kit.contract)],
      [
        say(objective, 'Cases', 'Fälle'),
        bullets(
          objective.keywords
            .slice(0, 5)
            .map((word) =>
              say(
                objective,
                `${word}: the usual case, an empty one, a wrong one`,
                `${word}: der übliche Fall, ein leerer, ein falscher`,
              ),
            ),
        ),
      ],
    ]),
  };
};

/** Which tests a task means by its name; all when it does not say. */
const testsFor = (input: BrainInput, kit: Kit): Draft[] => {
  const name = input.task?.name ?? '';
  const unit = /\bunit\b/i.test(name);
  const integration = /\b(integration|end[- ]to[- ]end|e2e|acceptance|system)\b/i.test(name);
  if (unit === integration) return [...kit.unitTests, ...kit.integrationTests];
  return unit ? kit.unitTests : kit.integrationTests;
};

const work = (input: BrainInput): Work => {
  const { objective } = input;
  const kit = kitFor(objective);
  const needed = [...kit.core.files, ...kit.surface.files].map((draft) => draft.path);
  const planned = /\b(plan|strategy|concept)\b/i.test(input.task?.name ?? '');
  const testable = !planned && isProgram(kit) && needed.every((path) => input.files.includes(path));
  const drafts = testable ? testsFor(input, kit) : [planDocument(input, kit)];
  const paths = drafts.map((draft) => draft.path);
  return {
    drafts,
    summary: testable
      ? say(
          objective,
          `Tests for “${objective.title}” in ${joined(objective, paths)}; run them with node --test.`,
          `Tests für „${objective.title}“ in ${joined(objective, paths)}; Aufruf mit node --test.`,
        )
      : say(
          objective,
          `The cases to check are in ${joined(objective, paths)}.`,
          `Die zu prüfenden Fälle stehen in ${joined(objective, paths)}.`,
        ),
    decisions: [
      say(
        objective,
        'Tests use the public functions only.',
        'Die Tests nutzen nur die öffentlichen Funktionen.',
      ),
    ],
    output: kit.features.map((feature) => `- ${feature}`).join('\n'),
    openQuestions: testable
      ? [
          say(
            objective,
            'The tests were written, not run: no tool for running was offered.',
            'Die Tests wurden geschrieben, nicht ausgeführt: dafür war kein Werkzeug da.',
          ),
        ]
      : [],
  };
};

/** Writes tests that run against the code in the workspace, or a test plan while there is none. */
export const tester: Brain = (input) =>
  runAgent(input, {
    reads: ({ files }) => files.filter((path) => path.startsWith('src/')).slice(0, MAX_READS),
    work,
  });
