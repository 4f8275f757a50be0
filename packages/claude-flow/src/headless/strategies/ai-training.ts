import type { FixedStrategy } from './strategy.ts';

/** Data and model side by side, then the pipeline that joins them, then validation and deployment. */
export const aiTraining: FixedStrategy = {
  name: 'ai-training',
  agents: [
    { type: 'researcher', name: 'data-scientist' },
    { type: 'coder', name: 'ml-engineer' },
    { type: 'analyst', name: 'model-validator' },
    { type: 'specialist', name: 'deployment-engineer' },
  ],
  tasks: [
    {
      name: 'Data Collection & Preprocessing',
      description: 'Collect and preprocess training data',
      type: 'data-processing',
      priority: 'high',
    },
    {
      name: 'Model Architecture Design',
      description: 'Design neural network architecture',
      type: 'model-design',
    },
    {
      name: 'Training Pipeline Implementation',
      description: 'Implement training pipeline with monitoring',
      type: 'coding',
      after: ['Data Collection & Preprocessing', 'Model Architecture Design'],
    },
    {
      name: 'Model Validation & Testing',
      description: 'Validate model performance and accuracy',
      type: 'validation',
      after: ['Training Pipeline Implementation'],
    },
    {
      name: 'Model Deployment',
      description: 'Deploy model to production environment',
      type: 'deployment',
      after: ['Model Validation & Testing'],
    },
  ],
};
