/**
 * `fetch`, but a body longer than so many bytes breaks off: what a server sends without end would be gathered until the
 * process has no memory left, and takes all that it does at the moment with it.
 */
export function limitedFetch(bytes: number, ask: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const answer = await ask(input, init);
    if (answer.body === null) return answer;
    let left = bytes;
    const limit = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        left -= piece.byteLength;
        if (left < 0) controller.error(new Error(`it has more than ${bytes} bytes`));
        else controller.enqueue(piece);
      },
    });
    const { status, statusText, headers } = answer;
    return new Response(answer.body.pipeThrough(limit), { status, statusText, headers });
  };
}
