import { type PlanStrategy, quoted } from './strategy.ts';

export const testing: PlanStrategy = {
  name: 'testing',
  guidance: [
    'The objective asks to find out whether something works, and to keep it working.',
    'Start from what must hold and from what could break, then write tests at several levels side by side: single units, parts together, misuse and load.',
    'Tests must be able to fail and must name what they prove. End with a report on what is covered, what was found and what is left untested.',
  ].join('\n'),
  agentTypes: ['tester', 'analyst', 'coder', 'reviewer', 'architect', 'specialist'],
  testsAreThePoint: true,
  template(objective) {
    const aim = quoted(objective);
    return {
      summary: `Find out what must hold for ${aim}, test it at three levels in parallel, then judge the coverage.`,
      tasks: [
        {
          key: 'behaviour',
          name: 'Behaviour and risks',
          description: `Work out what must hold for ${aim}. Write tests/behaviour.md: the behaviour to be proved as numbered statements, where it is most likely to break, and what a failure would cost.`,
          type: 'analysis',
          agentType: 'analyst',
          priority: 'high',
          dependsOn: [],
          expectedOutput: 'tests/behaviour.md with numbered statements and risks.',
        },
        {
          key: 'strategy',
          name: 'Test strategy',
          description: `Lay out how to test ${aim}. Write tests/strategy.md: which statement is proved at which level, the tools and the command that runs everything, test data, and naming rules that all tests follow.`,
          type: 'design',
          agentType: 'tester',
          priority: 'high',
          dependsOn: ['behaviour'],
          expectedOutput: 'tests/strategy.md with levels, tools and rules.',
        },
        {
          key: 'unit-tests',
          name: 'Unit tests',
          description: `Write the unit tests for ${aim} under tests/unit, following tests/strategy.md: ordinary cases, boundaries and errors of each single part. Each test names the numbered statement that it proves.`,
          type: 'testing',
          agentType: 'tester',
          priority: 'normal',
          dependsOn: ['strategy'],
          expectedOutput: 'Runnable unit tests under tests/unit.',
        },
        {
          key: 'integration-tests',
          name: 'Integration tests',
          description: `Write the integration tests for ${aim} under tests/integration, following tests/strategy.md: parts working together over their real interfaces, with their own data and clean-up.`,
          type: 'testing',
          agentType: 'coder',
          priority: 'normal',
          dependsOn: ['strategy'],
          expectedOutput: 'Runnable integration tests under tests/integration.',
        },
        {
          key: 'hostile-tests',
          name: 'Misuse and edge tests',
          description: `Write the tests that try to break ${aim} under tests/edge: malformed and hostile input, missing rights, things happening at once, and resources running out.`,
          type: 'testing',
          agentType: 'specialist',
          priority: 'normal',
          dependsOn: ['strategy'],
          expectedOutput: 'Runnable tests of misuse and edges under tests/edge.',
        },
        {
          key: 'coverage',
          name: 'Coverage and findings',
          description: `Judge the tests written for ${aim}. Write tests/report.md: which numbered statement is proved by which test, tests that could not fail, defects found by severity, and what remains untested and why.`,
          type: 'review',
          agentType: 'reviewer',
          priority: 'high',
          dependsOn: ['unit-tests', 'integration-tests', 'hostile-tests'],
          expectedOutput: 'tests/report.md with coverage by statement and findings.',
        },
      ],
    };
  },
};
