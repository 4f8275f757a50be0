import { toolInput } from '../bad-input.ts';
import { Disorder, type WireEvent } from './disorder.ts';

/** The content blocks of one streamed answer, as the server numbers them and as they are passed on. */
export interface Blocks {
  /** A block has begun. */
  readonly any: boolean;
  open(index: unknown, block: Record<string, unknown>): WireEvent[];
  /** @param begins how the stream begins, for a sentence about it @throws Disorder a piece of a tool's input is lost */
  add(index: unknown, delta: Record<string, unknown>, begins: string): WireEvent[];
  close(index: unknown): WireEvent[];
  closeAll(): WireEvent[];
}

interface Block {
  /** The server's number of it. */
  theirs: unknown;
  /** `words`: text or thinking of which nothing has come yet; which one is decided by the first piece. */
  kind: 'words' | 'text' | 'thinking' | 'tool' | 'other';
  /** As it was opened. */
  block: Record<string, unknown>;
  /** Ours, once it was passed on. */
  ours?: number;
  /** The text of a tool's input so far. */
  json: string;
}

const PIECES = { text: 'text_delta', thinking: 'thinking_delta' } as const;

/** See `createStreamOrder`. */
export function createBlocks(): Blocks {
  const open: Block[] = [];
  let next = 0;
  let any = false;
  /** A high half at the end of a piece waits for the low one: both are one character. */
  const halves = new Map<Block, string>();

  const at = (index: unknown): Block | undefined => open.findLast(({ theirs }) => theirs === index);

  /** Begins the block for the reader. */
  const begin = (block: Block, opening: Record<string, unknown>): WireEvent[] => {
    block.ours = next;
    next += 1;
    return [{ type: 'content_block_start', index: block.ours, content_block: opening }];
  };

  const words = (block: Block, kind: 'text' | 'thinking', text: string): WireEvent[] => {
    const whole = (halves.get(block) ?? '') + text;
    const cut = /[\ud800-\udbff]$/.test(whole) ? whole.length - 1 : whole.length;
    halves.set(block, whole.slice(cut));
    const ready = whole.slice(0, cut);
    if (ready === '') return [];
    return [{ type: 'content_block_delta', index: block.ours, delta: { type: PIECES[kind], [kind]: ready } }];
  };

  const become = (block: Block, kind: 'text' | 'thinking'): WireEvent[] => {
    block.kind = kind;
    const { text: _text, thinking: _thinking, signature: _signature, ...rest } = block.block;
    const empty = kind === 'text' ? { text: '' } : { thinking: '', signature: '' };
    return begin(block, { ...rest, type: kind, ...empty });
  };

  const end = (block: Block): WireEvent[] => {
    open.splice(open.indexOf(block), 1);
    const half = halves.get(block) ?? '';
    halves.delete(block);
    if (block.ours === undefined) return [];
    const { ours: index, kind } = block;
    const stop = { type: 'content_block_stop', index };
    if (kind === 'tool') {
      const input = toolInput(block.json.trim() === '' ? block.block['input'] : block.json);
      const delta = { type: 'input_json_delta', partial_json: JSON.stringify(input) };
      return [{ type: 'content_block_delta', index, delta }, stop];
    }
    if (half === '' || (kind !== 'text' && kind !== 'thinking')) return [stop];
    return [{ type: 'content_block_delta', index, delta: { type: PIECES[kind], [kind]: half } }, stop];
  };

  const openWords = (index: unknown, block: Record<string, unknown>): Block => {
    const made: Block = { theirs: index, kind: 'words', block, json: '' };
    open.push(made);
    return made;
  };

  /** A piece of text or thinking; a block of the other kind, or none, is there: then another block begins. */
  const addWords = (index: unknown, kind: 'text' | 'thinking', text: unknown): WireEvent[] => {
    if (typeof text !== 'string' || text === '') return [];
    const there = at(index);
    if (there?.kind === kind) return words(there, kind, text);
    if (there?.kind === 'words') return [...become(there, kind), ...words(there, kind, text)];
    const ended = there === undefined || there.kind === 'tool' ? [] : end(there);
    const made = openWords(index, {});
    return [...ended, ...become(made, kind), ...words(made, kind, text)];
  };

  const addSignature = (index: unknown, signature: unknown): WireEvent[] => {
    const there = at(index);
    if (typeof signature !== 'string' || there === undefined) return [];
    const begun = there.kind === 'words' ? become(there, 'thinking') : [];
    if (there.kind !== 'thinking') return [];
    const delta = { type: 'signature_delta', signature };
    return [...begun, { type: 'content_block_delta', index: there.ours, delta }];
  };

  const addInput = (index: unknown, piece: unknown, begins: string): void => {
    const json = typeof piece === 'string' ? piece : piece == null ? '' : JSON.stringify(piece);
    if (json === '') return;
    const tools = open.filter(({ kind }) => kind === 'tool');
    const there = at(index);
    const only = tools.length === 1 ? tools[0] : undefined;
    const tool = there?.kind === 'tool' ? there : only;
    if (tool === undefined)
      throw new Disorder("a piece of a tool's input belongs to none of its calls", begins);
    tool.json += json;
  };

  return {
    get any() {
      return any;
    },
    open(index, block) {
      any = true;
      const before = at(index);
      const ended = before === undefined ? [] : end(before);
      const type = block['type'];
      if (type === undefined || type === 'text' || type === 'thinking') {
        openWords(index, block);
        return [
          ...ended,
          ...addWords(index, 'thinking', block['thinking']),
          ...addSignature(index, block['signature'] === '' ? undefined : block['signature']),
          ...addWords(index, 'text', block['text']),
        ];
      }
      const kind = type === 'tool_use' || type === 'server_tool_use' ? 'tool' : 'other';
      const made: Block = { theirs: index, kind, block, json: '' };
      open.push(made);
      return [...ended, ...begin(made, kind === 'tool' ? { ...block, input: {} } : block)];
    },
    add(index, delta, begins) {
      any = true;
      switch (delta['type'] ?? Object.keys(delta)[0]) {
        case 'text_delta':
        case 'text':
          return addWords(index, 'text', delta['text']);
        case 'thinking_delta':
        case 'thinking':
          return addWords(index, 'thinking', delta['thinking']);
        case 'signature_delta':
        case 'signature':
          return addSignature(index, delta['signature']);
        case 'input_json_delta':
        case 'partial_json':
          addInput(index, delta['partial_json'], begins);
          return [];
        default: {
          const there = at(index);
          const passes = there?.kind === 'text' || there?.kind === 'other';
          return passes ? [{ type: 'content_block_delta', index: there?.ours, delta }] : [];
        }
      }
    },
    close(index) {
      const there = at(index);
      return there === undefined ? [] : end(there);
    },
    closeAll() {
      return [...open].flatMap(end);
    },
  };
}
