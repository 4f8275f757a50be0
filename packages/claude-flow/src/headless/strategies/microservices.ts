import type { FixedStrategy } from './strategy.ts';

/** Boundaries first, then gateway and mesh side by side, then tests over both. */
export const microservices: FixedStrategy = {
  name: 'microservices',
  agents: [
    { type: 'architect', name: 'microservices-architect', capabilities: ['architecture'] },
    { type: 'coder', name: 'api-developer' },
    { type: 'coder', name: 'service-developer' },
    { type: 'specialist', name: 'docker-specialist', capabilities: ['docker', 'kubernetes'] },
    { type: 'tester', name: 'integration-tester' },
  ],
  tasks: [
    {
      name: 'Service Architecture Design',
      description: 'Design microservices architecture and service boundaries',
      type: 'system-design',
      priority: 'high',
      requirements: { capabilities: ['architecture'] },
    },
    {
      name: 'API Gateway Implementation',
      description: 'Implement API gateway for service routing',
      type: 'coding',
      requirements: { capabilities: ['codeGeneration'] },
      after: ['Service Architecture Design'],
    },
    {
      name: 'Service Mesh Configuration',
      description: 'Configure service mesh for inter-service communication',
      type: 'configuration',
      requirements: { capabilities: ['docker', 'kubernetes'] },
      after: ['Service Architecture Design'],
    },
    {
      name: 'Integration Testing',
      description: 'Create comprehensive integration tests',
      type: 'testing',
      requirements: { capabilities: ['testing'] },
      after: ['API Gateway Implementation', 'Service Mesh Configuration'],
    },
  ],
};
