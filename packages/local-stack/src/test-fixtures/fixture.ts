import { fileURLToPath } from 'node:url';

/** The path of a program in this folder. */
export const fixture = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
