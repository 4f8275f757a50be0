const TEXT = 1;

/** Counts the text frames that begin in the chunks of one connection, and skips what is in them. */
export function createFrameCounter(): (chunk: Buffer) => number {
  let skip = 0;
  let carry: Buffer | undefined;
  return (chunk) => {
    let data = chunk;
    if (carry !== undefined) {
      data = Buffer.concat([carry, chunk]);
      carry = undefined;
    }
    let count = 0;
    let at = 0;
    while (at < data.length) {
      if (skip > 0) {
        const step = Math.min(skip, data.length - at);
        skip -= step;
        at += step;
        continue;
      }
      const short = (data[at + 1] ?? 0) & 0x7f;
      const headerLength = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (data.length - at < headerLength) {
        carry = data.subarray(at);
        break;
      }
      if (((data[at] ?? 0) & 0x0f) === TEXT) count += 1;
      skip = short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : data.readUInt32BE(at + 6);
      at += headerLength;
    }
    return count;
  };
}
