import type { Draft } from '../content/kit.ts';
import { say } from '../content/language.ts';
import type { BrainInput, Exchange, Reply, ToolCall } from './types.ts';
import { SIMULATED } from './types.ts';

/** What an agent delivers; the run below turns it into turns. */
export type Work = {
  drafts: Draft[];
  /** What was done, in one or two sentences; the mark of the simulation is added. */
  summary: string;
  decisions: string[];
  output: string;
  openQuestions: string[];
};

type AgentScript = {
  /** Files worth reading first, out of those known; asked again once the workspace was listed. */
  reads: (input: BrainInput) => string[];
  work: (input: BrainInput) => Work;
};

const MAX_READS_PER_TURN = 6;
const MAX_WRITES_PER_TURN = 3;
/** Keeps one turn well below usual output limits. */
const MAX_BYTES_PER_TURN = 7000;
/** A write refused twice will be refused again. */
const MAX_TRIES = 2;

const callsOf = (input: BrainInput, name: string, path?: string): Exchange[] =>
  input.history.filter((call) => call.name === name && (path === undefined || call.input['path'] === path));

const settled = (calls: readonly Exchange[]): boolean =>
  calls.some((call) => !call.isError) || calls.length >= MAX_TRIES;

/** What a file held when it was read; undefined when it was not, or could not be, read. */
export const contentRead = (input: BrainInput, path: string): string | undefined =>
  callsOf(input, 'read_file', path).findLast((call) => !call.isError)?.result;

const pendingReads = (input: BrainInput, script: AgentScript): ToolCall[] => {
  if (!input.tools.has('read_file')) return [];
  const versions = input.tools.has('write_file')
    ? input.conflicts.flatMap((conflict) => conflict.versions)
    : [];
  return [...versions, ...script.reads(input)]
    .filter((path) => callsOf(input, 'read_file', path).length === 0)
    .slice(0, MAX_READS_PER_TURN)
    .map((path) => ({ name: 'read_file', input: { path } }));
};

const pendingWrites = (input: BrainInput, drafts: readonly Draft[]): ToolCall[] => {
  if (!input.tools.has('write_file')) return [];
  const calls: ToolCall[] = [];
  let bytes = 0;
  for (const draft of drafts) {
    if (settled(callsOf(input, 'write_file', draft.path))) continue;
    // Without the tool for it, the edit is part of the first writing.
    const whole = draft.edit !== undefined && !input.tools.has('edit_file');
    const content = whole
      ? draft.content.replace(draft.edit?.old ?? '', () => draft.edit?.new ?? '')
      : draft.content;
    bytes += Buffer.byteLength(content);
    if (calls.length > 0 && (bytes > MAX_BYTES_PER_TURN || calls.length >= MAX_WRITES_PER_TURN)) break;
    calls.push({ name: 'write_file', input: { path: draft.path, content } });
  }
  return calls;
};

const pendingEdits = (input: BrainInput, drafts: readonly Draft[]): ToolCall[] => {
  if (!input.tools.has('edit_file')) return [];
  return drafts.flatMap(({ path, edit }) => {
    const written = callsOf(input, 'write_file', path).some((call) => !call.isError);
    if (edit === undefined || !written || callsOf(input, 'edit_file', path).length > 0) return [];
    return [{ name: 'edit_file', input: { path, old_text: edit.old, new_text: edit.new } }];
  });
};

/** Both versions of a file in conflict as one: the first, and the lines that only the others have. */
const mergesOf = (input: BrainInput, drafts: readonly Draft[]): Draft[] =>
  input.conflicts
    .filter((conflict) => drafts.every((draft) => draft.path !== conflict.path))
    .flatMap(({ path, versions }) => {
      const [first, ...others] = versions.flatMap((version) => contentRead(input, version) ?? []);
      if (first === undefined) return [];
      const lines = new Set(first.split('\n'));
      const added = others.flatMap((text) => text.split('\n').filter((line) => !lines.has(line)));
      return [{ path, content: added.length === 0 ? first : `${first.trimEnd()}\n${added.join('\n')}\n` }];
    });

const refused = (input: BrainInput, drafts: readonly Draft[]): string[] =>
  drafts
    .map((draft) => draft.path)
    .filter((path) => {
      const tries = callsOf(input, 'write_file', path);
      return tries.length > 0 && tries.every((call) => call.isError);
    });

/** Without a tool to write with, nothing is claimed to be in a file: it is in the answer. */
const handedIn = (input: BrainInput, work: Work): Work => {
  const able = input.tools.has('write_file');
  if (work.drafts.length === 0 || (able && refused(input, work.drafts).length < work.drafts.length))
    return work;
  const paths = work.drafts.map((draft) => draft.path).join(', ');
  return {
    ...work,
    summary: able
      ? say(
          input.objective,
          `No file could be written. What would be ${paths} stands in the output.`,
          `Keine Datei ließ sich schreiben. Was ${paths} wäre, steht in der Ausgabe.`,
          `No se pudo escribir ningún archivo. Lo que sería ${paths} está en la respuesta.`,
        )
      : say(
          input.objective,
          `This task has no tool for files, so there is none. What would be ${paths} stands in the output.`,
          `Diese Aufgabe hat kein Werkzeug für Dateien, also gibt es keine. Was ${paths} wäre, steht in der Ausgabe.`,
          `Esta tarea no tiene herramienta para archivos, así que no hay ninguno. Lo que sería ${paths} está en la respuesta.`,
        ),
    output: work.drafts.map((draft) => `### ${draft.path}\n\n${draft.content}`).join('\n'),
  };
};

const submission = (input: BrainInput, work: Work): ToolCall => ({
  name: 'submit_result',
  input: {
    summary: `${work.summary} ${SIMULATED}`,
    decisions: work.decisions,
    output: work.output,
    open_questions: [
      ...work.openQuestions,
      ...refused(input, work.drafts).map((path) =>
        say(
          input.objective,
          `${path} could not be written.`,
          `${path} ließ sich nicht schreiben.`,
          `No se pudo escribir ${path}.`,
        ),
      ),
    ],
  },
});

const names = (calls: readonly ToolCall[]): string =>
  calls
    .map((call) => String(call.input['path'] ?? ''))
    .filter((path) => path !== '')
    .join(', ');

/**
 * The next turn of an agent: look around, read, write, correct, hand in. What was done already is seen in the
 * conversation alone, so an interrupted run continues where its history ends.
 */
export const runAgent = (input: BrainInput, script: AgentScript): Reply => {
  const { objective, random } = input;
  const task = input.task?.name ?? objective.title;
  const turn = (thought: string, text: string, calls: ToolCall[]): Reply => ({ thought, text, calls });

  if (input.history.length === 0) {
    const look = input.tools.has('list_files') ? [{ name: 'list_files', input: {} }] : [];
    const calls = [...look, ...pendingReads(input, script)];
    if (calls.length > 0) {
      return turn(
        say(
          objective,
          `The task is “${task}”. What is there already?`,
          `Die Aufgabe ist „${task}“. Was ist schon da?`,
          `La tarea es «${task}». ¿Qué hay ya?`,
        ),
        say(
          objective,
          random.pick([
            'I look at what is there first.',
            'First a look at the workspace.',
            'Let me see what I can build on.',
          ]),
          random.pick(['Ich sehe mir zuerst an, was da ist.', 'Zuerst ein Blick in den Arbeitsbereich.']),
          'Primero miro lo que hay.',
        ),
        calls,
      );
    }
  }

  const reads = pendingReads(input, script);
  if (reads.length > 0) {
    const text = say(
      objective,
      `Reading ${names(reads)}.`,
      `Ich lese ${names(reads)}.`,
      `Leo ${names(reads)}.`,
    );
    return turn(text, text, reads);
  }

  const own = script.work(input);
  const work = { ...own, drafts: [...own.drafts, ...mergesOf(input, own.drafts)] };
  const writes = pendingWrites(input, work.drafts);
  if (writes.length > 0) {
    const text = say(
      objective,
      random.pick([`Now ${names(writes)}.`, `Writing ${names(writes)}.`, `Next: ${names(writes)}.`]),
      random.pick([`Jetzt ${names(writes)}.`, `Ich schreibe ${names(writes)}.`]),
      `Escribo ${names(writes)}.`,
    );
    return turn(text, text, writes);
  }

  const edits = pendingEdits(input, work.drafts);
  if (edits.length > 0) {
    const text = say(
      objective,
      `A correction in ${names(edits)}.`,
      `Eine Korrektur in ${names(edits)}.`,
      `Una corrección en ${names(edits)}.`,
    );
    return turn(text, text, edits);
  }

  const result = handedIn(input, work);
  if (input.tools.has('submit_result') && !settled(callsOf(input, 'submit_result'))) {
    const text = say(
      objective,
      'The work is done; handing it in.',
      'Die Arbeit ist fertig; ich gebe sie ab.',
      'El trabajo está hecho; lo entrego.',
    );
    return turn(text, text, [submission(input, result)]);
  }
  const done = say(
    objective,
    'Nothing is left to be done.',
    'Es bleibt nichts mehr zu tun.',
    'No queda nada por hacer.',
  );
  return turn(done, `${result.summary} ${SIMULATED}\n\n${result.output}`, []);
};
