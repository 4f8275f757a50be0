import { type PlanStrategy, quoted } from './strategy.ts';

export const review: PlanStrategy = {
  name: 'review',
  guidance: [
    'The objective asks to judge something that exists: code, a design, a text.',
    'First take stock of what is there and by which standards it is judged. Then let several reviewers look at the same time, each with one concern, for example correctness, security, clarity.',
    'Findings are gathered, doubles merged, each given a severity, a place and a remedy; nothing is changed unless the objective asks for it.',
  ].join('\n'),
  agentTypes: ['reviewer', 'analyst', 'architect', 'tester', 'specialist', 'coder'],
  template(objective) {
    const aim = quoted(objective);
    return {
      summary: `Take stock for ${aim}, review correctness, security and design side by side, then rank the findings.`,
      tasks: [
        {
          key: 'inventory',
          name: 'Inventory and standards',
          description: `Take stock of what ${aim} covers. Write review/inventory.md: the parts under review, their purpose, the standards by which they are judged, and where a reviewer should look hardest.`,
          type: 'analysis',
          agentType: 'analyst',
          priority: 'high',
          dependsOn: [],
          expectedOutput: 'review/inventory.md with parts and standards.',
        },
        {
          key: 'correctness',
          name: 'Correctness review',
          description: `Review ${aim} for correctness by review/inventory.md. Write review/correctness.md: mistakes, missed cases and contradictions, each with its place, an example that shows it, and a remedy.`,
          type: 'review',
          agentType: 'reviewer',
          priority: 'normal',
          dependsOn: ['inventory'],
          expectedOutput: 'review/correctness.md with places, examples and remedies.',
        },
        {
          key: 'security',
          name: 'Security and robustness review',
          description: `Review ${aim} for security and robustness. Write review/security.md: what an attacker or an accident could do, how likely and how bad it is, and the smallest change that prevents it.`,
          type: 'review',
          agentType: 'specialist',
          priority: 'normal',
          dependsOn: ['inventory'],
          expectedOutput: 'review/security.md with threats, severity and remedies.',
        },
        {
          key: 'design',
          name: 'Design and clarity review',
          description: `Review ${aim} for design and clarity. Write review/design.md: structure that fights its purpose, needless complexity, unclear names or wording, and how each would read better.`,
          type: 'review',
          agentType: 'architect',
          priority: 'normal',
          dependsOn: ['inventory'],
          expectedOutput: 'review/design.md with findings and better versions.',
        },
        {
          key: 'verdict',
          name: 'Ranked findings and verdict',
          description: `Bring the reviews of ${aim} together. Write review/verdict.md: all findings without doubles, ranked by severity with place and remedy, what is good and should stay, and a verdict with its conditions.`,
          type: 'review',
          agentType: 'reviewer',
          priority: 'high',
          dependsOn: ['correctness', 'security', 'design'],
          expectedOutput: 'review/verdict.md with ranked findings and a verdict.',
        },
      ],
    };
  },
};
