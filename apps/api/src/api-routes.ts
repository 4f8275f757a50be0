import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from './app-env.ts';
import type { ApiDeps } from './deps.ts';
import { openApiDocument, registerSecurity } from './openapi.ts';
import type { App } from './routes/add-routes.ts';
import { addAgentCommandRoutes } from './routes/agent-commands.ts';
import { addAgentRoutes } from './routes/agents.ts';
import { addApprovalRoutes } from './routes/approvals.ts';
import { addArtifactArchiveRoute } from './routes/artifact-archive.ts';
import { addArtifactRoutes } from './routes/artifacts.ts';
import { addCommandRoutes } from './routes/commands.ts';
import { addCreateRoute } from './routes/create.ts';
import { addDeleteRoute } from './routes/delete.ts';
import { addDocRoutes } from './routes/docs.ts';
import { addEventRoutes } from './routes/events.ts';
import { addGraphRoute } from './routes/graph.ts';
import { addHomeRoutes } from './routes/home.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addLogRoutes } from './routes/logs.ts';
import { addNewTaskRoute } from './routes/new-task.ts';
import { addResultRoutes } from './routes/results.ts';
import { addSwarmMetricsRoute } from './routes/swarm-metrics.ts';
import { addSwarmRoutes } from './routes/swarms.ts';
import { addSystemRoutes } from './routes/system.ts';
import { addTaskAttemptsRoute } from './routes/task-attempts.ts';
import { addTaskCommandRoutes } from './routes/task-commands.ts';
import { addTaskTurnsRoute } from './routes/task-turns.ts';
import { addTaskRoutes } from './routes/tasks.ts';
import { addUsageRoute } from './routes/usage.ts';
import { addWebSocketRoutes } from './routes/websocket.ts';

/** All routes that /openapi.json describes, and the pages that show it. */
export function addApiRoutes(app: App, deps: ApiDeps): void {
  registerSecurity(app);
  addCreateRoute(app, deps);
  addSwarmRoutes(app, deps);
  addCommandRoutes(app, deps);
  addDeleteRoute(app, deps);
  addTaskRoutes(app, deps);
  addNewTaskRoute(app, deps);
  addTaskAttemptsRoute(app, deps);
  addTaskTurnsRoute(app, deps);
  addTaskCommandRoutes(app, deps);
  addGraphRoute(app, deps);
  addAgentRoutes(app, deps);
  addAgentCommandRoutes(app, deps);
  addResultRoutes(app, deps);
  addSwarmMetricsRoute(app, deps);
  addLogRoutes(app, deps);
  addArtifactArchiveRoute(app, deps);
  addArtifactRoutes(app, deps);
  addApprovalRoutes(app, deps);
  addEventRoutes(app, deps);
  addKeyRoutes(app, deps);
  addSystemRoutes(app, deps);
  addUsageRoute(app, deps);
  addWebSocketRoutes(app, deps);
  addDocRoutes(app, deps);
  addHomeRoutes(app, deps);
}

/** The description of the API without a server: handlers are registered and never called. */
export function describeApi(version: string) {
  const app: App = new OpenAPIHono<AppEnv>();
  addApiRoutes(app, {} as ApiDeps);
  return openApiDocument(app, version);
}
