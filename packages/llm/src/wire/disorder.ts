/** An event of the Messages API: its `type` is also its name on the wire. */
export type WireEvent = { type: string } & Record<string, unknown>;

/** What came cannot be understood as an answer, and would not be the next time either. */
export class Disorder extends Error {
  override readonly name = 'Disorder';
  /** How the answer begins. */
  readonly begins: string;

  constructor(what: string, begins: string) {
    super(what);
    this.begins = begins;
  }
}
