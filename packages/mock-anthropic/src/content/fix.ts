import { codeIn } from './asked.ts';
import type { KitMaker } from './kit.ts';
import { bullets, documentOf, say } from './language.ts';
import type { Objective } from './objective.ts';
import { codeLanguage, mendCode } from './repairs.ts';

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

const nothing = (objective: Objective): string =>
  say(
    objective,
    'The simulation knows a handful of usual faults and found none of them: the code is as it was.',
    'Die Simulation kennt eine Handvoll üblicher Fehler und fand keinen davon: der Code ist unverändert.',
    'La simulación conoce unos pocos errores habituales y no encontró ninguno: el código sigue igual.',
  );

/** The snippet of the request, mended, and what was changed. */
export const fixKit: KitMaker = (objective) => {
  const given = codeIn(objective.text) ?? '';
  const result = mendCode(given);
  const python = codeLanguage(given) === 'python';
  const path =
    objective.files.find((file) => /\.(py|m?js|ts)$/.test(file)) ?? (python ? 'fixed.py' : 'fixed.js');
  const changes = result.mended.map(
    ({ line, before, after, why }) =>
      `${say(objective, 'Line', 'Zeile', 'Línea')} ${line}: ${code(before)} → ${code(after)}. ${why[objective.language]}`,
  );
  const found = changes.length > 0 ? bullets(changes) : nothing(objective);
  const fence = python ? 'python' : 'js';
  const notes = documentOf(
    objective,
    say(objective, 'What was mended', 'Was geändert wurde', 'Lo que se corrigió'),
    [
      [say(objective, 'Changes', 'Änderungen', 'Cambios'), found],
      [say(objective, 'Before', 'Vorher', 'Antes'), `\`\`\`${fence}\n${given}\n\`\`\``],
      [say(objective, 'After', 'Nachher', 'Después'), `\`\`\`${fence}\n${result.code}\n\`\`\``],
    ],
  );
  return {
    plan: 'short',
    core: {
      title: say(
        objective,
        `the mended code in ${path}`,
        `den Code in ${path}`,
        `el código corregido en ${path}`,
      ),
      words: /\b(mended|fix\w*|code|corregido)\b/i,
      files: [{ path, content: `${result.code}\n` }],
      decisions: changes.length > 0 ? changes : [nothing(objective)],
    },
    surface: {
      title: say(
        objective,
        'the account of the changes',
        'den Bericht über die Änderungen',
        'el informe de los cambios',
      ),
      words: /\b(account|changes|bericht|änderungen|informe)\b/i,
      files: [{ path: 'CHANGES.md', content: notes }],
      decisions: [],
    },
    unitTests: [],
    integrationTests: [],
    contract: [path, 'CHANGES.md'],
    commands: [],
    features:
      changes.length > 0
        ? [...new Set(result.mended.map(({ why }) => why[objective.language]))]
        : [nothing(objective)],
  };
};
