import { OpenAPIHono } from '@hono/zod-openapi';
import { addAgentCommandRoutes } from './agents/agent-command-routes.ts';
import { addAgentRoutes } from './agents/agent-routes.ts';
import { addApprovalRoutes } from './approvals/approval-routes.ts';
import { addArtifactArchiveRoute } from './artifacts/archive-route.ts';
import { addArtifactRoutes } from './artifacts/artifact-routes.ts';
import type { App } from './http/add-routes.ts';
import type { AppEnv } from './http/app-env.ts';
import type { ApiDeps } from './http/deps.ts';
import { addKeyRoutes } from './keys/key-routes.ts';
import { addDocRoutes } from './openapi/docs-routes.ts';
import { openApiDocument, registerSecurity } from './openapi/document.ts';
import { addEventRoutes } from './relay/events-route.ts';
import { addWebSocketRoutes } from './relay/websocket-route.ts';
import { addResultRoutes } from './results/results-route.ts';
import { addCreateRoute } from './swarms/create-swarm-route.ts';
import { addDeleteRoute } from './swarms/delete-swarm-route.ts';
import { addLogRoutes } from './swarms/logs-route.ts';
import { addCommandRoutes } from './swarms/swarm-command-routes.ts';
import { addSwarmMetricsRoute } from './swarms/swarm-metrics-route.ts';
import { addSwarmRoutes } from './swarms/swarm-routes.ts';
import { addHomeRoutes } from './system/home-routes.ts';
import { addSystemRoutes } from './system/system-routes.ts';
import { addUsageRoute } from './system/usage-route.ts';
import { addTaskAttemptsRoute } from './tasks/attempts-route.ts';
import { addGraphRoute } from './tasks/graph-route.ts';
import { addNewTaskRoute } from './tasks/new-task-route.ts';
import { addTaskCommandRoutes } from './tasks/task-command-routes.ts';
import { addTaskRoutes } from './tasks/task-routes.ts';
import { addTaskTurnsRoute } from './tasks/turns-route.ts';

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
