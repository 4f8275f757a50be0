/** What the simulation can write in. */
export type Language = 'en' | 'de' | 'es';
