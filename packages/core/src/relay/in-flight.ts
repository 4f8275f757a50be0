/** Many readers ask the same at the same moment: those who come while an answer is under way share it. */
export function createInFlight<Answer>(): (what: string, ask: () => Promise<Answer>) => Promise<Answer> {
  const asked = new Map<string, Promise<Answer>>();
  return (what, ask) => {
    const known = asked.get(what);
    if (known !== undefined) return known;
    const answer = ask().finally(() => asked.delete(what));
    asked.set(what, answer);
    return answer;
  };
}
