import type { FixedStrategy } from './strategy.ts';

/** The threat model decides where to look; code, dependencies and configuration are looked at side by side. */
export const securityAudit: FixedStrategy = {
  name: 'security-audit',
  agents: [
    { type: 'architect', name: 'threat-modeller' },
    { type: 'reviewer', name: 'code-auditor' },
    { type: 'researcher', name: 'dependency-auditor' },
    { type: 'specialist', name: 'configuration-auditor' },
    { type: 'analyst', name: 'risk-analyst' },
  ],
  tasks: [
    {
      name: 'Threat Model',
      description:
        'Name what is worth protecting, who would attack it and by which ways in. Write docs/threat-model.md with the boundaries of trust and the questions that the audit must answer.',
      type: 'design',
      priority: 'high',
    },
    {
      name: 'Code Audit',
      description:
        'Go through the code along the threat model: input checks, authentication and authorization, injection, secrets, cryptography, error handling. Write docs/code-audit.md with each finding, its place and how it could be used.',
      type: 'review',
      after: ['Threat Model'],
    },
    {
      name: 'Dependency Audit',
      description:
        'List what the system is built on, with versions. Find known weaknesses and abandoned or unneeded parts. Write docs/dependency-audit.md.',
      type: 'research',
      after: ['Threat Model'],
    },
    {
      name: 'Configuration Audit',
      description:
        'Check deployment and configuration against the threat model: exposed ports, default secrets, permissions, transport encryption, logging of what is private. Write docs/configuration-audit.md.',
      type: 'configuration',
      after: ['Threat Model'],
    },
    {
      name: 'Risk Report',
      description:
        'Bring the findings together: rate each by likelihood and damage, join those with one cause, and say what to do first. Write docs/security-report.md for people who decide.',
      type: 'analysis',
      priority: 'high',
      after: ['Code Audit', 'Dependency Audit', 'Configuration Audit'],
    },
  ],
};
