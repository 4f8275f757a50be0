import type { Algorithm } from './algorithms.ts';
import { algorithmIn } from './algorithms.ts';
import type { Draft, KitMaker } from './kit.ts';
import { documentOf, say } from './language.ts';
import type { Objective } from './objective.ts';
import { noKit } from './shape-text.ts';
import { asciiWords, capital } from './words.ts';

const camel = (name: string): string =>
  name
    .split('_')
    .map((word, index) => (index === 0 ? word : capital(word)))
    .join('');

/** Text inside Python's triple quotes, or a JavaScript comment, never ends it. */
const harmless = (text: string): string => text.replace(/["\\]/g, "'").replaceAll('*/', '* /');

const pythonOf = (objective: Objective, algorithm: Algorithm | undefined): string => {
  const {
    imports = [],
    function: code,
    run,
    test,
  } = algorithm?.python ?? {
    function: `def answer():
    """The part that is missing: ${harmless(noKit(objective))}"""
    return "Nothing is done yet: this script is only the frame that was asked for."`,
    run: 'return answer()',
    test: 'assert answer().startswith("Nothing is done yet")',
  };
  const body = [
    '#!/usr/bin/env python3',
    `"""${harmless(objective.title)}\n\n${algorithm === undefined ? `${harmless(noKit(objective))}\n` : ''}--self-test checks it.\n"""`,
    [...imports, 'import argparse', 'import sys'].toSorted().join('\n'),
  ];
  return `${body.join('\n\n')}


${code}


def run(arguments):
    ${run}


def self_test():
    ${test}
    return "ok"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--self-test", action="store_true", help="check the script and end")
    options, arguments = parser.parse_known_args()
    print(self_test() if options.self_test else run(arguments))


if __name__ == "__main__":
    main()
`;
};

const javascriptOf = (objective: Objective, { javascript }: Algorithm): string => {
  const { function: code, run, test } = javascript ?? { function: '', run: "''", test: '' };
  const file = run.includes('readFileSync') ? "import { readFileSync } from 'node:fs';\n" : '';
  return `#!/usr/bin/env node
// ${objective.title}
import assert from 'node:assert/strict';
${file}import { pathToFileURL } from 'node:url';

${code}

/** --self-test checks it. */
function selfTest() {
  ${test}
  return 'ok';
}

const run = (args) => ${run};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const args = process.argv.slice(2);
  console.log(args.includes('--self-test') ? selfTest() : run(args));
}
`;
};

const isPython = (objective: Objective, algorithm: Algorithm | undefined): boolean => {
  const named = objective.files.find((file) => /\.(py|m?js)$/.test(file));
  if (named !== undefined) return named.endsWith('.py');
  return /\bpython3?\b/i.test(objective.text) || algorithm?.javascript === undefined;
};

const MODULE_WORDS = 4;

const fileFor = (objective: Objective, algorithm: Algorithm | undefined, python: boolean): string => {
  const named = objective.files.find((file) => (python ? /\.py$/ : /\.m?js$/).test(file));
  if (named !== undefined) return named;
  const words = asciiWords(objective.slug).filter(
    (word) => !/^(python3?|script|javascript|program|node)$/.test(word),
  );
  const name = algorithm?.name ?? (words.slice(0, MODULE_WORDS).join('_') || 'script');
  // Node runs modules of this suffix without a package.json.
  return python ? `${name}.py` : `${name.replaceAll('_', '-')}.mjs`;
};

/** A script in Python or JavaScript that runs and checks itself; a frame that says so where no kit knows the task. */
export const scriptKit: KitMaker = (objective) => {
  const algorithm = algorithmIn(objective.text);
  const python = isPython(objective, algorithm);
  const path = fileFor(objective, algorithm, python);
  const content =
    python || algorithm === undefined ? pythonOf(objective, algorithm) : javascriptOf(objective, algorithm);
  const script: Draft = { path, content };
  const call = `${python ? 'python3' : 'node'} ${path}`;
  const commands = [algorithm === undefined ? call : `${call} ${algorithm.example}`, `${call} --self-test`];
  const does =
    algorithm === undefined ? noKit(objective) : `\`${path}\` ${algorithm.does[objective.language]}.`;
  const usage: Draft = {
    path: 'USAGE.md',
    content: documentOf(objective, objective.title, [
      [say(objective, 'What it does', 'Was es tut', 'Qué hace'), does],
      [say(objective, 'Run it', 'Ausführen', 'Cómo usarlo'), `\`\`\`sh\n${commands.join('\n')}\n\`\`\``],
    ]),
  };
  const exported = algorithm === undefined ? 'answer' : python ? algorithm.name : camel(algorithm.name);
  return {
    plan: 'short',
    core: {
      title: say(objective, `the script ${path}`, `das Skript ${path}`, `el script ${path}`),
      words: /\b(script|skript|code|program)\b/i,
      files: [script],
      decisions: [
        say(
          objective,
          'One file that needs nothing installed and checks itself.',
          'Eine Datei, die nichts Installiertes braucht und sich selbst prüft.',
          'Un solo archivo que no necesita instalar nada y se comprueba a sí mismo.',
        ),
      ],
    },
    surface: {
      title: say(objective, 'the usage notes', 'die Gebrauchsanleitung', 'las notas de uso'),
      words: /\b(usage|notes|gebrauchsanleitung|uso)\b/i,
      files: [usage],
      decisions: [],
    },
    unitTests: [],
    integrationTests: [],
    contract: [`${path}: ${exported}`],
    commands,
    features: [does],
  };
};
