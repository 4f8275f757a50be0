import { posix } from 'node:path';
import type { KitMaker } from './kit.ts';
import { say } from './language.ts';
import type { Objective } from './objective.ts';
import { capital } from './words.ts';

const html = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);

const MAX_SECTIONS = 12;

/** `called Bean There`, `namens Bohne`, `llamada Grano`; else the subject of the page. */
const nameOf = (objective: Objective): string => {
  const { text } = objective;
  const quoted = /["“„«]([^"“”„«»]{2,60})["”“»]/.exec(text)?.[1];
  const called = /\b(?:called|named|namens|llamad[oa])\s+((?:(?:\p{Lu}[\p{L}\p{N}'’-]*|&)\s?){1,5})/u.exec(
    text,
  )?.[1];
  const subject =
    /\b(?:for|about|für|über|para|sobre)\s+(?:an?\s|the\s|my\s|our\s|eine?n?\s|die\s|das\s|den\s|un[ao]?\s|la\s|el\s|mi\s)?([^.,;:]{3,50})/iu.exec(
      text,
    )?.[1];
  return (quoted ?? called ?? capital(subject ?? objective.title))
    .trim()
    .replace(/\s+(?:with|that|mit|die|der|con|que)\s.*$/i, '');
};

const STYLE = `:root { color-scheme: light dark; font: 1.0625rem/1.6 system-ui, sans-serif; }
body { margin: 0; }
header, section, footer { max-width: 60rem; margin: 0 auto; padding: 3rem 1.5rem; }
header { text-align: center; padding-top: 6rem; }
h1 { font-size: clamp(2.25rem, 7vw, 4rem); line-height: 1.1; margin: 0 0 1rem; }
.action { display: inline-block; padding: 0.75rem 1.75rem; border-radius: 0.5rem; background: #1f6f54; color: #fff; text-decoration: none; }
.features { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); }
footer { font-size: 0.875rem; opacity: 0.75; }
`;

const pageOf = (objective: Objective, style: string): string => {
  const name = html(nameOf(objective));
  const fill = say(objective, 'Your text here', 'Hier steht Ihr Text', 'Aquí va su texto');
  const count = Math.min(objective.count ?? 3, MAX_SECTIONS);
  const features = Array.from(
    { length: count },
    (_, index) =>
      `      <article>\n        <h2>${say(objective, 'Reason', 'Grund', 'Motivo')} ${index + 1}</h2>\n        <p>${fill}.</p>\n      </article>`,
  );
  return `<!doctype html>
<html lang="${objective.language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${name}</title>
    <meta name="description" content="${html(objective.title)}">
    ${style}
  </head>
  <body>
    <header>
      <h1>${name}</h1>
      <p>${say(objective, 'One sentence that says why a visitor should stay', 'Ein Satz, warum man hier bleiben sollte', 'Una frase que diga por qué quedarse')}: ${`${fill.charAt(0).toLowerCase()}${fill.slice(1)}`}.</p>
      <a class="action" href="#contact">${say(objective, 'Get in touch', 'Kontakt aufnehmen', 'Contactar')}</a>
    </header>
    <section class="features">
${features.join('\n')}
    </section>
    <section id="contact">
      <h2>${say(objective, 'Contact', 'Kontakt', 'Contacto')}</h2>
      <p><a href="mailto:hello@example.com">hello@example.com</a></p>
    </section>
    <footer>${say(objective, 'Made by a simulated model: the page is real, its words are places to fill.', 'Von einem simulierten Modell: die Seite ist echt, ihre Worte sind Platzhalter.', 'Hecha por un modelo simulado: la página es real, sus palabras son huecos por llenar.')}</footer>
  </body>
</html>
`;
};

/** A page that opens in a browser as it is; what only its owner can know is left to be filled in. */
export const pageKit: KitMaker = (objective) => {
  const path = objective.files.find((file) => /\.html?$/i.test(file)) ?? 'index.html';
  const styles = objective.files.find((file) => /\.css$/i.test(file)) ?? path.replace(/[^/]+$/, 'style.css');
  const href = posix.relative(posix.dirname(path), styles);
  const link = `<link rel="stylesheet" href="${html(href)}">`;
  const name = nameOf(objective);
  return {
    plan: 'short',
    core: {
      title: say(objective, `the page ${path}`, `die Seite ${path}`, `la página ${path}`),
      words: /\b(page|html|seite|página)/i,
      files: [{ path, content: pageOf(objective, link) }],
      decisions: [
        say(
          objective,
          'Plain HTML and CSS: it opens without a build, and on a telephone.',
          'Reines HTML und CSS: es öffnet sich ohne Werkzeuge, auch auf dem Telefon.',
          'HTML y CSS sin más: se abre sin compilar, también en un teléfono.',
        ),
      ],
    },
    surface: {
      title: say(objective, `the styles ${styles}`, `die Gestaltung ${styles}`, `los estilos ${styles}`),
      words: /\b(styles?|css|gestaltung|estilos)\b/i,
      files: [{ path: styles, content: STYLE }],
      decisions: [],
    },
    unitTests: [],
    integrationTests: [],
    contract: [path, styles],
    commands: [],
    features: [
      say(
        objective,
        `A page for ${name}, with places for what only its owner can say.`,
        `Eine Seite für ${name}, mit Platz für das, was nur ihr Besitzer sagen kann.`,
        `Una página para ${name}, con huecos para lo que solo su dueño puede decir.`,
      ),
    ],
  };
};
