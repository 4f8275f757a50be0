import { z } from '@hono/zod-openapi';
import { timestamp } from '../http/schemas/common.ts';

export const health = z
  .object({
    status: z.enum(['healthy', 'degraded']),
    service: z.literal('claude-flow-headless-api'),
    version: z.string(),
    timestamp,
    uptime: z.number().int().openapi({ description: 'Seconds this process has been running' }),
    environment: z.string(),
  })
  .openapi('Health');

export const liveness = z.object({ status: z.literal('ok') }).openapi('Liveness');

export const readiness = z.object({ ready: z.boolean(), reason: z.string().optional() }).openapi('Readiness');

export const systemStats = z
  .object({
    system: z.object({
      nodeVersion: z.string(),
      platform: z.string(),
      architecture: z.string(),
      uptime: z.number().int().openapi({ description: 'Seconds this machine has been running' }),
      memory: z
        .object({ rss: z.number(), heapTotal: z.number(), heapUsed: z.number() })
        .openapi({ description: 'Bytes of this process' }),
    }),
    server: z.object({
      activeSwarms: z.number().int().openapi({ description: 'Swarms that have not ended, of everybody' }),
      connectedClients: z
        .number()
        .int()
        .openapi({ description: 'WebSockets and event streams open at this process' }),
    }),
  })
  .openapi('SystemStats');

export const ticketAnswer = z
  .object({
    ticket: z.string(),
    expiresIn: z.number().int().openapi({ description: 'Seconds' }),
    timestamp,
  })
  .openapi('WsTicket');
