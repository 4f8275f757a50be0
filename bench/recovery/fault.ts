import type { Scene } from './scene.ts';

/** Breaks something and gives, for each swarm or task it hit, the milliseconds until that went on. */
export type Fault = (scene: Scene, round: number, rounds: number) => Promise<number[]>;
