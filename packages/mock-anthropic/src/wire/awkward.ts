import type { Random } from '../random.ts';
import { AWKWARD, type Awkward } from './awkward-ways.ts';
import type { StreamEvent } from './events.ts';

type Bend = (events: readonly StreamEvent[]) => StreamEvent[];

const each =
  (type: string, how: (event: StreamEvent) => StreamEvent): Bend =>
  (events) =>
    events.map((event) => (event.type === type ? how(event) : event));

const renumbered =
  (how: (index: number) => number): Bend =>
  (events) =>
    events.map((event) =>
      typeof event['index'] === 'number' ? { ...event, index: how(event['index']) } : event,
    );

/** A text block with only this in it, before all others. */
const textFirst =
  (text: string): Bend =>
  (events) => {
    const place = { index: 0 };
    const block = [
      { type: 'content_block_start', ...place, content_block: { type: 'text', text: '', citations: null } },
      ...(text === ''
        ? []
        : [{ type: 'content_block_delta', ...place, delta: { type: 'text_delta', text } }]),
      { type: 'content_block_stop', ...place },
    ];
    const [start, ...rest] = renumbered((index) => index + 1)(events);
    return [...(start === undefined ? [] : [start]), ...block, ...rest];
  };

const withId = (id: string): Bend =>
  each('content_block_start', (event) => {
    const block = event['content_block'] as Record<string, unknown>;
    return block['type'] === 'tool_use' ? { ...event, content_block: { ...block, id } } : event;
  });

const BENDS: Readonly<Record<Exclude<Awkward, 'no-event-lines' | 'whole'>, Bend>> = {
  'empty-text': textFirst(''),
  'blank-text': textFirst('\n\n'),
  'half-pair': textFirst('One moment \ud83d'),
  'same-ids': withId('call_0'),
  'no-ids': withId(''),
  'indexes-from-1': renumbered((index) => index + 1),
  'one-index': renumbered(() => 0),
  'start-twice': (events) => [...events.slice(0, 1), ...events],
  'no-usage': each('message_delta', (event) => ({ ...event, usage: null })),
  'no-end': (events) => events.filter(({ type }) => type !== 'message_stop'),
};

/** The events of a good answer, sent in this way. */
export const bend = (events: readonly StreamEvent[], way: Awkward | undefined): StreamEvent[] =>
  way === undefined || way === 'no-event-lines' || way === 'whole' ? [...events] : BENDS[way](events);

/** @param share of all answers, 0 to 1 */
export const drawAwkward = (share: number, random: Random): Awkward | undefined =>
  share > 0 && random.next() < share ? random.pick(AWKWARD) : undefined;
