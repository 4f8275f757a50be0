/** Small enough that a reader who stops holds little, large enough to cost no time. */
const PIECE_BYTES = 64 * 1024;

/**
 * Bytes that all readers share, handed out as each of them takes more: an answer costs one piece, whatever its size.
 * @param bytes are never changed
 */
export function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(at, at + PIECE_BYTES));
        at += PIECE_BYTES;
      },
    },
    { highWaterMark: 0 },
  );
}
