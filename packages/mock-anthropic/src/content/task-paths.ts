import type { Objective } from './objective.ts';
import { asciiWords, isContentWord, kebab } from './words.ts';

/** Words in task names that say what kind of work it is, not which piece of it. */
const GENERIC = new Set(
  `task implement implementing implementation write writing create build code coding develop development research
  investigate gather collect frame question review reviewing audit check judge set test testing tests unit integration
  verify verification design architecture architect plan planning analyse analyze analysis document documentation docs
  final report summary coordinate coordination organise organize synthesis synthesise synthesize results result solution feature features project product module
  component components main service services application app system overall work requirement requirements objective
  prepare define produce complete full whole backend logic api rest initial general finish fix improve update refine
  findings suite cases recherche entwurf entwerfen pruefung pruefen umsetzung umsetzen anforderungen ergebnis ergebnisse
  answer outline antwort umreissen revisar resultado esbozar respuesta escribir lista comprobaciones
  schreiben klaeren sammeln analysieren festlegen fragestellung eingrenzen architektur`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** The telling words of a task's name, without those of the objective that every sibling shares. */
export const taskWords = (objective: Objective, taskName: string): string[] => {
  const own = new Set(asciiWords(objective.text));
  return asciiWords(taskName).filter((word) => isContentWord(word) && !own.has(word));
};

/** The words that tell a task from its siblings; empty for a task about the whole objective. */
export const focusWords = (objective: Objective, taskName: string): string[] => {
  const noun = asciiWords(`${objective.noun.one} ${objective.noun.many}`);
  return taskWords(objective, taskName).filter((word) => !GENERIC.has(word) && !noun.includes(word));
};

/** `docs/research.md`, or `docs/research-market.md` for a task about the market: siblings never share a path. */
export const documentPath = (objective: Objective, taskName: string, base: string): string => {
  const focus = kebab(
    focusWords(objective, taskName).filter((word) => word !== base),
    30,
  );
  return `docs/${base}${focus === '' ? '' : `-${focus}`}.md`;
};
