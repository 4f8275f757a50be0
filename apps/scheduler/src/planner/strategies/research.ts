import { type PlanStrategy, quoted } from './strategy.ts';

export const research: PlanStrategy = {
  name: 'research',
  guidance: [
    'The objective asks for knowledge: what is known, how sure it is, and what follows from it.',
    'First sharpen the question. Then let several researchers look from different sides at the same time: what exists, what speaks for and against, what it costs in practice.',
    'Plan a task that sets the findings against each other and marks what is established, disputed and unknown. No task may invent sources; each states how sure it is.',
  ].join('\n'),
  agentTypes: ['researcher', 'analyst', 'reviewer', 'specialist', 'coordinator'],
  template(objective) {
    const aim = quoted(objective);
    return {
      summary: `Sharpen the question behind ${aim}, look at it from three sides at once, then weigh and check the findings.`,
      tasks: [
        {
          key: 'questions',
          name: 'Questions and scope',
          description: `Turn ${aim} into research questions. Write research/questions.md: three to seven questions that can be answered, what would count as an answer to each, what is out of scope, and the terms everyone must use alike.`,
          type: 'research',
          agentType: 'researcher',
          priority: 'high',
          dependsOn: [],
          expectedOutput: 'research/questions.md with answerable questions and scope.',
        },
        {
          key: 'background',
          name: 'State of knowledge',
          description: `Gather what is known about ${aim}, question by question from research/questions.md. Write research/background.md: the main concepts, the established facts, and for each how sure it is and why. Mark what you could not verify.`,
          type: 'research',
          agentType: 'researcher',
          priority: 'normal',
          dependsOn: ['questions'],
          expectedOutput: 'research/background.md with facts and how sure each is.',
        },
        {
          key: 'options',
          name: 'Options and positions',
          description: `Map the options, schools or products that matter for ${aim}. Write research/options.md: for each what it is, the best case for it, the best case against it, and for whom it fits.`,
          type: 'research',
          agentType: 'researcher',
          priority: 'normal',
          dependsOn: ['questions'],
          expectedOutput: 'research/options.md with the case for and against each option.',
        },
        {
          key: 'practice',
          name: 'Practice and pitfalls',
          description: `Find out how ${aim} goes in practice. Write research/practice.md: effort and cost, typical mistakes and their signs, prerequisites, and what people wish they had known before.`,
          type: 'research',
          agentType: 'specialist',
          priority: 'normal',
          dependsOn: ['questions'],
          expectedOutput: 'research/practice.md with effort, pitfalls and prerequisites.',
        },
        {
          key: 'weighing',
          name: 'Weighing the findings',
          description: `Set the findings on ${aim} against each other. Write research/findings.md: the answer to each research question, where the findings agree, where they contradict each other and which side is better supported, what stays unknown, and what follows from it all.`,
          type: 'analysis',
          agentType: 'analyst',
          priority: 'high',
          dependsOn: ['background', 'options', 'practice'],
          expectedOutput: 'research/findings.md with an answer to every question.',
        },
        {
          key: 'check',
          name: 'Critical check',
          description: `Try to break the conclusions about ${aim}. Write research/critique.md: claims in research/findings.md that the underlying notes do not carry, missing views, leaps in reasoning, and the corrections to make.`,
          type: 'review',
          agentType: 'reviewer',
          priority: 'normal',
          dependsOn: ['background', 'weighing'],
          expectedOutput: 'research/critique.md with corrections.',
        },
      ],
    };
  },
};
