import type { Draft } from './kit.ts';
import type { Objective } from './objective.ts';

/** `src/server.js`: posts, history and a live stream over HTTP. */
export const chatServerFile = (objective: Objective): Draft => ({
  path: 'src/server.js',
  content: `// ${objective.title}
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { pathToFileURL } from 'node:url';
import { createRooms, MessageError } from './rooms.js';

const MAX_BODY_BYTES = 64 * 1024;
const page = new URL('../public/index.html', import.meta.url);

const send = (response, status, body) => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
};

const readJson = async (request) => {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new MessageError('the body is larger than 64 KiB');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new MessageError('the body is not valid JSON');
  }
};

const stream = (rooms, name, after, request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const write = (message) => response.write('id: ' + message.id + '\\ndata: ' + JSON.stringify(message) + '\\n\\n');
  for (const message of rooms.history(name, after)) write(message);
  const leave = rooms.listen(name, write);
  request.on('close', leave);
};

/** @param {{ rooms?: ReturnType<typeof createRooms> }} deps */
export function createServer({ rooms = createRooms() } = {}) {
  const route = async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const [root, name, what, ...rest] = url.pathname.split('/').filter((part) => part !== '');
    if (root === undefined) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      return response.end(await readFile(page));
    }
    if (root !== 'rooms' || rest.length > 0) return send(response, 404, { error: 'no such route' });
    if (name === undefined) return send(response, 200, { rooms: rooms.names() });
    const room = decodeURIComponent(name);
    const after = Number(request.headers['last-event-id'] ?? url.searchParams.get('after') ?? 0) || 0;
    if (what === 'stream' && request.method === 'GET') return stream(rooms, room, after, request, response);
    if (what !== 'messages') return send(response, 404, { error: 'no such route' });
    if (request.method === 'POST') return send(response, 201, rooms.post(room, await readJson(request)));
    if (request.method === 'GET') return send(response, 200, { messages: rooms.history(room, after) });
    send(response, 405, { error: 'method not allowed' });
  };
  return http.createServer(async (request, response) => {
    try {
      await route(request, response);
    } catch (error) {
      if (error instanceof MessageError) return send(response, 400, { error: error.message });
      console.error(error);
      send(response, 500, { error: 'internal error' });
    }
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const port = Number(process.env.PORT ?? 3000);
  createServer().listen(port, () => console.log('Chat at http://localhost:' + port));
}
`,
});

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `public/index.html`: one page without any dependency. */
export const pageFile = (objective: Objective): Draft => ({
  path: 'public/index.html',
  content: `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escapeHtml(objective.title)}</title>
    <style>
      body { font-family: system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
      #log { min-height: 12rem; border: 1px solid #8884; border-radius: 0.5rem; padding: 0.5rem 1rem; }
      form { display: flex; gap: 0.5rem; margin-top: 1rem; }
      input[name='text'] { flex: 1; }
    </style>
  </head>
  <body>
    <h1>${escapeHtml(objective.title)}</h1>
    <div id="log" role="log" aria-live="polite"></div>
    <form>
      <input name="author" placeholder="Name" aria-label="Name" required />
      <input name="text" placeholder="Message" aria-label="Message" required autocomplete="off" />
      <button>Send</button>
    </form>
    <script type="module">
      const room = location.hash.slice(1) || 'general';
      const base = '/rooms/' + encodeURIComponent(room);
      const log = document.querySelector('#log');
      const form = document.querySelector('form');
      new EventSource(base + '/stream').onmessage = (event) => {
        const message = JSON.parse(event.data);
        const line = document.createElement('p');
        line.textContent = message.author + ': ' + message.text;
        log.append(line);
      };
      form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const body = JSON.stringify(Object.fromEntries(new FormData(form)));
        await fetch(base + '/messages', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        form.text.value = '';
      });
    </script>
  </body>
</html>
`,
});

/** Tests over real HTTP, the live stream included. */
export const chatServerTest: Draft = {
  path: 'test/server.test.js',
  content: `import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServer } from '../src/server.js';

const server = createServer();
let base;

before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = 'http://127.0.0.1:' + server.address().port;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

const post = (room, body) => fetch(base + '/rooms/' + room + '/messages', { method: 'POST', body: JSON.stringify(body) });

test('serves the page', async () => {
  const response = await fetch(base);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /<form>/);
});

test('posts and reads messages', async () => {
  assert.equal((await post('general', { author: 'Ada', text: 'Hello' })).status, 201);
  const { messages } = await (await fetch(base + '/rooms/general/messages')).json();
  assert.equal(messages.at(-1).text, 'Hello');
  assert.deepEqual((await (await fetch(base + '/rooms')).json()).rooms, ['general']);
});

test('refuses an empty message with a reason', async () => {
  const response = await post('general', { author: 'Ada', text: '' });
  assert.equal(response.status, 400);
  assert.match((await response.json()).error, /text must be/);
});

test('streams what was said and what is said next', async () => {
  await post('live', { author: 'Ada', text: 'before' });
  const response = await fetch(base + '/rooms/live/stream');
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let heard = '';
  const until = async (text) => {
    while (!heard.includes(text)) {
      const { value, done } = await reader.read();
      if (done) break;
      heard += decoder.decode(value, { stream: true });
    }
  };
  await until('before');
  await post('live', { author: 'Ada', text: 'and after' });
  await until('and after');
  assert.match(heard, /before[\\s\\S]*and after/);
  await reader.cancel();
});
`,
};
