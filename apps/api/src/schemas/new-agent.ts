import { AGENT_STATUSES } from '@claude-flow/core/domain/states';
import { AGENT_TYPES } from '@claude-flow/core/domain/vocabulary';
import { z } from '@hono/zod-openapi';
import { agentIdText, command, swarmIdText } from './common.ts';
import { agent } from './work.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{2,49}$/;
const NAME_SENTENCE =
  'name must have 3 to 50 letters, digits, spaces, dots, dashes or underscores, and begin with a letter or digit.';

export const newAgentBody = z
  .object({
    type: z.enum(AGENT_TYPES).openapi({ example: 'coder' }),
    name: z
      .string()
      .regex(NAME, NAME_SENTENCE)
      .optional()
      .openapi({ description: 'Left out: its type and a number', example: 'backend-developer' }),
    capabilities: z
      .record(z.string(), z.unknown())
      .optional()
      .openapi({
        description: 'Whatever you like; merged over those of its type',
        example: { languages: ['javascript', 'typescript'], frameworks: ['express', 'fastify'] },
      }),
  })
  .openapi('NewAgent');

export const agentCommandAnswer = command(z.enum(AGENT_STATUSES), agent)
  .extend({ agentId: agentIdText })
  .openapi('AgentCommand', { description: 'status is that of the agent; data the agent as it is now' });

export const agentAnswer = z.object({ swarmId: swarmIdText, agent }).openapi('AgentDetails');
