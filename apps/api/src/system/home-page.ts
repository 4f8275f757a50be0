import { html, raw } from 'hono/html';

export const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8886; border-radius: 6px; }
.state { font-weight: 600; }
.well { color: #2a8a4a; }
.unwell { color: #c8553d; }
`;

export interface HomePage {
  version: string;
  ready: boolean;
  /** Why it is not ready, in a sentence. */
  reason?: string;
  /** Of this server, as the caller wrote it: `http://localhost:3000`. */
  address: string;
  keyNeeded: boolean;
}

/** What this server is, whether it is well, and how to begin. */
export function homePage({ version, ready, reason, address, keyNeeded }: HomePage) {
  const key = keyNeeded ? ' -H "X-API-Key: $KEY"' : '';
  const state = ready
    ? html`<p class="state well">It is ready to work.</p>`
    : html`<p class="state unwell">It is not ready to work. ${reason ?? ''}</p>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>claude-flow</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>claude-flow</h1>
<p>Swarms of Claude agents as a service, version ${version}. Post an objective; it becomes a graph of tasks that agents work
on; you follow their events and get files, results and the real cost back.</p>
${state}
<h2>Begin</h2>
${keyNeeded ? html`<p>This server asks for a key. Whoever runs it makes one with <code>pnpm -s run key:create</code>.</p>` : ''}
<pre>curl -s ${address}/api/swarm/create${key} -H 'content-type: application/json' \\
  -d '{"objective": "Build a REST API for user management", "autoStart": true}'

ID=swarm_...                                    # the answer's swarmId
curl -s  ${address}/api/swarm/$ID${key}
curl -sN ${address}/api/swarm/$ID/events${key} -H 'accept: text/event-stream'
curl -s  ${address}/api/swarm/$ID/results${key}</pre>
<h2>Look around</h2>
<ul>
<li><a href="/docs">The API, route by route</a> (as data: <a href="/openapi.json">openapi.json</a>)</li>
<li><a href="/admin/queues">The queues</a>, for administrators</li>
<li><a href="/api/health">Health</a> and <a href="/readyz">readiness</a>, for machines</li>
</ul>
</body>
</html>`;
}
