/** A small phrase book: what people translate first. Each line is one meaning in all languages. */
export const TONGUES = ['en', 'de', 'fr', 'es', 'it'] as const;
export type Tongue = (typeof TONGUES)[number];

const BOOK = `
hello|hallo|bonjour|hola|ciao
hello world|hallo Welt|bonjour le monde|hola mundo|ciao mondo
good morning|guten Morgen|bonjour|buenos días|buongiorno
good evening|guten Abend|bonsoir|buenas tardes|buonasera
good night|gute Nacht|bonne nuit|buenas noches|buona notte
goodbye|auf Wiedersehen|au revoir|adiós|arrivederci
how are you|wie geht es Ihnen|comment allez-vous|cómo está usted|come sta
i am fine|mir geht es gut|je vais bien|estoy bien|sto bene
thank you|danke|merci|gracias|grazie
thank you very much|vielen Dank|merci beaucoup|muchas gracias|grazie mille
you are welcome|gern geschehen|de rien|de nada|prego
please|bitte|s'il vous plaît|por favor|per favore
yes|ja|oui|sí|sì
no|nein|non|no|no
excuse me|Entschuldigung|excusez-moi|disculpe|mi scusi
i am sorry|es tut mir leid|je suis désolé|lo siento|mi dispiace
my name is|ich heiße|je m'appelle|me llamo|mi chiamo
nice to meet you|freut mich|enchanté|mucho gusto|piacere
where is the station|wo ist der Bahnhof|où est la gare|dónde está la estación|dov'è la stazione
how much does it cost|wie viel kostet das|combien ça coûte|cuánto cuesta|quanto costa
i do not understand|ich verstehe nicht|je ne comprends pas|no entiendo|non capisco
do you speak english|sprechen Sie Englisch|parlez-vous anglais|habla inglés|parla inglese
i love you|ich liebe dich|je t'aime|te quiero|ti amo
happy birthday|alles Gute zum Geburtstag|joyeux anniversaire|feliz cumpleaños|buon compleanno
welcome|willkommen|bienvenue|bienvenido|benvenuto
see you tomorrow|bis morgen|à demain|hasta mañana|a domani
have a nice day|einen schönen Tag noch|bonne journée|que tenga un buen día|buona giornata
the sea is calm tonight|das Meer ist heute Nacht ruhig|la mer est calme ce soir|el mar está en calma esta noche|il mare è calmo stanotte
the weather is nice today|das Wetter ist heute schön|il fait beau aujourd'hui|hoy hace buen tiempo|oggi fa bel tempo
the quick brown fox jumps over the lazy dog|der schnelle braune Fuchs springt über den faulen Hund|le rapide renard brun saute par-dessus le chien paresseux|el rápido zorro marrón salta sobre el perro perezoso|la rapida volpe marrone salta sopra il cane pigro
the meeting is tomorrow at ten|die Besprechung ist morgen um zehn|la réunion est demain à dix heures|la reunión es mañana a las diez|la riunione è domani alle dieci
`
  .trim()
  .split('\n')
  .map((line) => line.split('|'));

const normal = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/\bi'm\b/g, 'i am')
    .replace(/\bdon't\b/g, 'do not')
    .replace(/\byou're\b/g, 'you are')
    .replace(/^thanks$/, 'thank you')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const NAMES: ReadonlyArray<[RegExp, Tongue]> = [
  [/english|englisch|inglés|ingles/iu, 'en'],
  [/german|deutsch|alemán|aleman/iu, 'de'],
  [/french|französisch|francés|frances/iu, 'fr'],
  [/spanish|spanisch|español|espanol|castellano/iu, 'es'],
  [/italian|italienisch|italiano/iu, 'it'],
];

/** The languages that a text names, in its order. */
export const tonguesIn = (text: string): Tongue[] =>
  NAMES.map(([pattern, tongue]) => ({ at: text.search(pattern), tongue }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at)
    .map(({ tongue }) => tongue);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const ended = (text: string, mark: string, tongue: Tongue): string => {
  if (tongue !== 'es' || !/[?!]/.test(mark)) return text + mark;
  return (mark.includes('?') ? '¿' : '¡') + text + mark;
};

export type Piece = { source: string; translated: string | null };

/** Each sentence, and each part between commas where a whole one is not known, in another language. */
export const translate = (text: string, to: Tongue): Piece[] =>
  (text.match(/[^.!?\n]+[.!?]*/g) ?? []).flatMap((raw): Piece[] => {
    const source = raw.trim();
    if (source === '') return [];
    const mark = /[.!?]+$/.exec(source)?.[0] ?? '';
    const whole = phrase(source, to);
    if (whole !== undefined) return [{ source, translated: ended(capital(whole), mark, to) }];
    const parts = source
      .slice(0, source.length - mark.length)
      .split(/,\s*/)
      .map((part) => phrase(part, to));
    if (parts.length > 1 && parts.every((part) => part !== undefined))
      return [{ source, translated: ended(capital(parts.join(', ')), mark, to) }];
    return [{ source, translated: null }];
  });

const phrase = (text: string, to: Tongue): string | undefined => {
  const wanted = normal(text);
  const row = BOOK.find((line) => line.some((entry) => normal(entry) === wanted));
  return row?.[TONGUES.indexOf(to)];
};
