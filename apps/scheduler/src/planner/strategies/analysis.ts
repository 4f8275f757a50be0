import { type PlanStrategy, quoted } from './strategy.ts';

export const analysis: PlanStrategy = {
  name: 'analysis',
  guidance: [
    'The objective asks to understand something that exists and to say what to do about it.',
    'First fix the question, the measures and the material. Then look at it in parallel by different methods: numbers, causes, risks.',
    'Conclusions come from the findings of all of them, each with its evidence; recommendations come last, ranked by effect and effort.',
  ].join('\n'),
  agentTypes: ['analyst', 'researcher', 'architect', 'reviewer', 'specialist'],
  template(objective) {
    const aim = quoted(objective);
    return {
      summary: `Frame ${aim}, examine measures, causes and risks in parallel, then conclude and recommend.`,
      tasks: [
        {
          key: 'frame',
          name: 'Framing',
          description: `Frame the analysis of ${aim}. Write analysis/frame.md: the question to be decided, the criteria and how each is measured, the material at hand and its gaps, and the assumptions made to close them.`,
          type: 'analysis',
          agentType: 'analyst',
          priority: 'high',
          dependsOn: [],
          expectedOutput: 'analysis/frame.md with question, criteria and material.',
        },
        {
          key: 'measures',
          name: 'Measures and patterns',
          description: `Work through ${aim} by the criteria of analysis/frame.md. Write analysis/measures.md: figures or ratings with how they came about, patterns, outliers, and what cannot be said from the material.`,
          type: 'analysis',
          agentType: 'analyst',
          priority: 'normal',
          dependsOn: ['frame'],
          expectedOutput: 'analysis/measures.md with figures, patterns and limits.',
        },
        {
          key: 'causes',
          name: 'Causes and connections',
          description: `Explain what lies behind ${aim}. Write analysis/causes.md: likely causes and how they connect, the evidence for and against each, and what observation would tell them apart.`,
          type: 'research',
          agentType: 'researcher',
          priority: 'normal',
          dependsOn: ['frame'],
          expectedOutput: 'analysis/causes.md with causes and their evidence.',
        },
        {
          key: 'risks',
          name: 'Risks and constraints',
          description: `Look at ${aim} for what could go wrong. Write analysis/risks.md: risks by likelihood and damage, constraints that no recommendation may break, and early signs to watch.`,
          type: 'analysis',
          agentType: 'specialist',
          priority: 'normal',
          dependsOn: ['frame'],
          expectedOutput: 'analysis/risks.md with ranked risks and constraints.',
        },
        {
          key: 'recommendations',
          name: 'Conclusions and recommendations',
          description: `Draw the conclusions for ${aim} from measures, causes and risks. Write analysis/recommendations.md: what is the case, what to do in which order with effect and effort of each step, and how to see whether it worked.`,
          type: 'analysis',
          agentType: 'analyst',
          priority: 'high',
          dependsOn: ['measures', 'causes', 'risks'],
          expectedOutput: 'analysis/recommendations.md with ranked steps.',
        },
        {
          key: 'check',
          name: 'Critical check',
          description: `Check the recommendations for ${aim} against the measures they rest on. Write analysis/critique.md: conclusions without evidence, other readings of the same findings, and the corrections to make.`,
          type: 'review',
          agentType: 'reviewer',
          priority: 'normal',
          dependsOn: ['measures', 'recommendations'],
          expectedOutput: 'analysis/critique.md with corrections.',
        },
      ],
    };
  },
};
