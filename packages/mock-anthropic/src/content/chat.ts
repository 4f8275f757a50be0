import { chatServerFile, chatServerTest, pageFile } from './chat-surface.ts';
import type { Draft, KitMaker } from './kit.ts';
import { packageJson } from './kit.ts';
import type { Objective } from './objective.ts';

const rooms = (objective: Objective): Draft => ({
  path: 'src/rooms.js',
  content: `// ${objective.title}

/** Messages kept in each room; older ones are forgotten. */
export const HISTORY_LIMIT = 200;
export const TEXT_LIMIT = 2000;

/** A message that cannot be accepted; the text says why. */
export class MessageError extends Error {}

const clean = (value, name, limit) => {
  if (typeof value !== 'string' || value.trim() === '') throw new MessageError(name + ' must be a non-empty text');
  if (value.length > limit) throw new MessageError(name + ' is longer than ' + limit + ' characters');
  return value.trim();
};

/**
 * Chat rooms in memory: who is there, what was said, who listens.
 * @param {{ now?: () => Date }} options
 */
export function createRooms({ now = () => new Date() } = {}) {
  const rooms = new Map();
  let lastId = 0;

  const open = (name) => {
    let room = rooms.get(name);
    if (room === undefined) {
      room = { messages: [], listeners: new Set() };
      rooms.set(name, room);
    }
    return room;
  };

  return {
    names: () => [...rooms.keys()].sort(),
    /** Adds a message and tells everyone who listens. @throws {MessageError} */
    post(name, input) {
      const author = clean(input?.author, 'author', 80);
      const text = clean(input?.text, 'text', TEXT_LIMIT);
      const room = open(name);
      const message = { id: ++lastId, room: name, author, text, at: now().toISOString() };
      room.messages.push(message);
      if (room.messages.length > HISTORY_LIMIT) room.messages.shift();
      for (const listener of room.listeners) listener(message);
      return message;
    },
    /** Messages after the given id, oldest first. */
    history(name, after = 0) {
      return (rooms.get(name)?.messages ?? []).filter((message) => message.id > after);
    },
    /** @returns {() => void} call it to stop listening */
    listen(name, listener) {
      const room = open(name);
      room.listeners.add(listener);
      return () => room.listeners.delete(listener);
    },
    listenerCount: (name) => rooms.get(name)?.listeners.size ?? 0,
  };
}
`,
});

const unitTest: Draft = {
  path: 'test/rooms.test.js',
  content: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRooms, HISTORY_LIMIT, MessageError } from '../src/rooms.js';

test('keeps messages of a room in order', () => {
  const rooms = createRooms();
  rooms.post('general', { author: 'Ada', text: 'Hello' });
  rooms.post('general', { author: 'Linus', text: ' Hi ' });
  rooms.post('other', { author: 'Ada', text: 'Elsewhere' });
  assert.deepEqual(rooms.history('general').map((message) => message.text), ['Hello', 'Hi']);
  assert.deepEqual(rooms.names(), ['general', 'other']);
});

test('gives only what came after an id', () => {
  const rooms = createRooms();
  const first = rooms.post('general', { author: 'Ada', text: 'one' });
  rooms.post('general', { author: 'Ada', text: 'two' });
  assert.deepEqual(rooms.history('general', first.id).map((message) => message.text), ['two']);
});

test('tells listeners until they leave', () => {
  const rooms = createRooms();
  const heard = [];
  const leave = rooms.listen('general', (message) => heard.push(message.text));
  rooms.post('general', { author: 'Ada', text: 'heard' });
  leave();
  rooms.post('general', { author: 'Ada', text: 'missed' });
  assert.deepEqual(heard, ['heard']);
  assert.equal(rooms.listenerCount('general'), 0);
});

test('forgets the oldest messages', () => {
  const rooms = createRooms();
  for (let n = 0; n <= HISTORY_LIMIT; n += 1) rooms.post('general', { author: 'Ada', text: 'message ' + n });
  assert.equal(rooms.history('general').length, HISTORY_LIMIT);
  assert.equal(rooms.history('general')[0].text, 'message 1');
});

test('refuses messages without author or text', () => {
  const rooms = createRooms();
  for (const bad of [undefined, {}, { author: 'Ada' }, { author: 'Ada', text: ' ' }]) {
    assert.throws(() => rooms.post('general', bad), MessageError);
  }
});
`,
};

/** A chat: rooms with history, a small HTTP server with live updates, a page for browsers. */
export const chatKit: KitMaker = (objective) => ({
  core: {
    title: 'chat rooms and message history',
    words: /\b(rooms?|messages?|history|store|storage|model|data)\b/i,
    files: [rooms(objective)],
    decisions: ['Rooms live in memory and keep the last 200 messages each.'],
  },
  surface: {
    title: 'chat server and web page',
    words: /\b(server|page|web|frontend|client|routes?|endpoints?|http|realtime|live)\b/i,
    files: [chatServerFile(objective), pageFile(objective), packageJson(objective, 'src/server.js')],
    decisions: ['Live updates use server-sent events: plain HTTP, and browsers reconnect by themselves.'],
  },
  unitTests: [unitTest],
  integrationTests: [chatServerTest],
  contract: [
    'src/rooms.js exports createRooms() -> { names, post, history, listen, listenerCount } and MessageError',
    'src/server.js exports createServer({ rooms }); public/index.html is served at /',
  ],
  commands: ['npm start', 'open http://localhost:3000', 'npm test'],
  features: [
    'Any number of rooms, history on joining, live messages.',
    'Works in every browser without installation.',
  ],
});
