import { type PlanStrategy, quoted } from './strategy.ts';

export const development: PlanStrategy = {
  name: 'development',
  guidance: [
    'The objective asks for working software.',
    'Settle requirements and interfaces before code is written, so that people who work side by side fit together.',
    'Split the code along its natural seams: two tasks that write at the same time must not write the same files. Name the files each task owns.',
    'Tests are written against the requirements, not against the code, and may be planned beside the implementation. End with a review that reads code and tests.',
  ].join('\n'),
  agentTypes: ['architect', 'analyst', 'coder', 'tester', 'reviewer', 'researcher', 'specialist'],
  template(objective) {
    const aim = quoted(objective);
    return {
      summary: `Settle requirements and design for ${aim}, build and test it side by side, then review it.`,
      tasks: [
        {
          key: 'requirements',
          name: 'Requirements',
          description: `Work out what ${aim} really asks for. Write docs/requirements.md: who uses it, what it must do as a numbered list of checkable statements, what it must not do, and the assumptions you had to make.`,
          type: 'analysis',
          agentType: 'analyst',
          priority: 'high',
          dependsOn: [],
          expectedOutput: 'docs/requirements.md with numbered, checkable requirements.',
        },
        {
          key: 'architecture',
          name: 'Architecture',
          description: `Design the software for ${aim} so that every numbered requirement has a home. Write docs/architecture.md: the parts and their duties, the interfaces between them with exact names and types, the data, how errors are handled, and the list of files to be written with the owner of each.`,
          type: 'design',
          agentType: 'architect',
          priority: 'high',
          dependsOn: ['requirements'],
          expectedOutput: 'docs/architecture.md with parts, interfaces, data model and file list.',
        },
        {
          key: 'implementation',
          name: 'Implementation',
          description: `Write the software for ${aim} as docs/architecture.md lays it out: all source files, the project file with its start command, sensible error handling and input checks. Nothing may be left as a stub.`,
          type: 'coding',
          agentType: 'coder',
          priority: 'high',
          dependsOn: ['architecture'],
          expectedOutput: 'Complete source files that start with one documented command.',
        },
        {
          key: 'test-plan',
          name: 'Test plan',
          description: `Plan how to prove that ${aim} is met. From the numbered requirements and the interfaces in docs/architecture.md, write docs/test-plan.md: for each requirement the cases that would show it broken, ordinary, boundary and failing ones, with inputs and expected results.`,
          type: 'testing',
          agentType: 'tester',
          priority: 'normal',
          dependsOn: ['architecture'],
          expectedOutput: 'docs/test-plan.md with cases for every requirement.',
        },
        {
          key: 'tests',
          name: 'Automated tests',
          description: `Write automated tests for ${aim} that follow docs/test-plan.md and run against the implementation with one command. Fix plain mistakes that they bring to light in the code, and list those that remain.`,
          type: 'testing',
          agentType: 'tester',
          priority: 'normal',
          dependsOn: ['implementation', 'test-plan'],
          expectedOutput: 'Test files that run with one command, and a list of what still fails.',
        },
        {
          key: 'review',
          name: 'Code review',
          description: `Review everything that was made for ${aim}: correctness against the numbered requirements, security, error handling, readability. Write docs/review.md with findings by severity, each with file and place, and what to do about it.`,
          type: 'review',
          agentType: 'reviewer',
          priority: 'normal',
          dependsOn: ['implementation', 'tests'],
          expectedOutput: 'docs/review.md with findings by severity.',
        },
      ],
    };
  },
};
