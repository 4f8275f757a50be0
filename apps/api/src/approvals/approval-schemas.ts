import { strictFields } from '@claude-flow/core/contracts/strict-fields';
import { APPROVAL_KINDS, APPROVAL_STATUSES } from '@claude-flow/core/domain/approval';
import { z } from '@hono/zod-openapi';
import {
  agentIdText,
  nullableTimestamp,
  swarmIdText,
  swarmParams,
  taskIdText,
  timestamp,
} from '../http/schemas/common.ts';
import { nextCursor, pageQuery } from '../http/schemas/pages.ts';

const MAX_APPROVAL_ID = 31;
const EXAMPLE_ID = 'approval_001_9f86d081884c';
/** A note becomes part of what the model reads. */
const MAX_NOTE = 4_000;

const status = z.enum(APPROVAL_STATUSES).openapi('ApprovalStatus', {
  description: 'cancelled: the task ended before anybody decided',
});

const approval = z
  .object({
    id: z.string().openapi({ example: EXAMPLE_ID }),
    kind: z
      .enum(APPROVAL_KINDS)
      .openapi({ description: 'tool: may this call be made? question: the note is the answer' }),
    status,
    taskId: taskIdText,
    agentId: agentIdText.nullable(),
    tool: z.string().openapi({ example: 'write_file' }),
    question: z.string().nullable(),
    input: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'Of the call; null when it is too long to be kept whole' }),
    inputText: z.string().openapi({ description: 'The same as JSON text, or its beginning' }),
    inputCut: z.boolean().openapi({ description: 'inputText is only the beginning' }),
    change: z
      .object({
        path: z.string(),
        bytes: z.number().int().openapi({ description: 'Of the file afterwards' }),
        created: z.boolean().openapi({ description: 'There is no such file yet' }),
        diff: z.string().openapi({ description: 'Unified diff against the file as it is, or its beginning' }),
        diffCut: z.boolean(),
      })
      .nullable()
      .openapi({ description: 'What a call that writes a file would do to it' }),
    requestedAt: timestamp,
    decidedAt: nullableTimestamp,
    decidedBy: z.string().nullable().openapi({ description: 'The owner whose key or token it was' }),
    note: z.string().nullable(),
  })
  .openapi('Approval');

export const approvalQuery = pageQuery.extend({ status: status.optional() });

export const approvalList = z
  .object({ swarmId: swarmIdText, approvals: z.array(approval), count: z.number().int(), nextCursor })
  .openapi('ApprovalList');

export const approvalAnswer = z
  .object({
    swarmId: swarmIdText,
    approval,
    fullInput: z.unknown().openapi({
      description:
        'The whole input of the call; null when it is not kept any more, because its task began anew',
    }),
  })
  .openapi('ApprovalDetails');

/** An id of the wrong form is an id that does not exist: 404, not 400. */
export const approvalParams = swarmParams.extend({
  approvalId: z
    .string()
    .openapi({ param: { name: 'approvalId', in: 'path' }, maxLength: MAX_APPROVAL_ID, example: EXAMPLE_ID }),
});

export const decisionBody = strictFields({
  decision: z.enum(['approve', 'deny'], { error: 'decision must be "approve" or "deny".' }),
  note: z
    .string()
    .max(MAX_NOTE, `note must have at most ${MAX_NOTE} characters.`)
    .optional()
    .openapi({ description: 'For the agent: why, or the answer to its question', example: 'Go ahead.' }),
}).openapi('Decision');

export const decidedAnswer = z
  .object({ swarmId: swarmIdText, status, message: z.string(), data: approval, timestamp })
  .openapi('ApprovalDecided');
