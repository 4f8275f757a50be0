import { strictFields } from '@claude-flow/core/contracts/strict-fields';
import { AGENT_STATUSES } from '@claude-flow/core/domain/states';
import { AGENT_TYPES } from '@claude-flow/core/domain/vocabulary';
import { z } from '@hono/zod-openapi';
import { agentIdText, command, swarmIdText } from '../http/schemas/common.ts';
import { withinBytes } from '../http/schemas/json-bytes.ts';
import { agent } from '../tasks/work-schemas.ts';

/** Read whenever an agent is given a task. */
const MAX_CAPABILITIES_BYTES = 4 * 1024;
const MAX_NAME = 50;
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{2,49}$/;
const NAME_SENTENCE =
  'name must have 3 to 50 letters, digits, spaces, dots, dashes or underscores, and begin with a letter or digit.';

export const newAgentBody = strictFields({
  type: z.enum(AGENT_TYPES).openapi({ example: 'coder' }),
  name: z.string().regex(NAME, NAME_SENTENCE).optional().openapi({
    description: 'Left out: its type and a number',
    maxLength: MAX_NAME,
    example: 'backend-developer',
  }),
  capabilities: z
    .record(z.string(), z.unknown())
    .superRefine((given, context) => {
      withinBytes('capabilities', given, MAX_CAPABILITIES_BYTES, context);
    })
    .optional()
    .openapi({
      'x-max-bytes': MAX_CAPABILITIES_BYTES,
      description: 'Whatever you like; merged over those of its type. At most 4 KiB as JSON.',
      example: { languages: ['javascript', 'typescript'], frameworks: ['express', 'fastify'] },
    }),
}).openapi('NewAgent');

export const agentCommandAnswer = command(z.enum(AGENT_STATUSES), agent)
  .extend({ agentId: agentIdText })
  .openapi('AgentCommand', { description: 'status is that of the agent; data the agent as it is now' });

export const agentAnswer = z.object({ swarmId: swarmIdText, agent }).openapi('AgentDetails');
