/** Slabs: many short texts as bytes in few large pieces of memory, the oldest of which makes room. */

/** A piece of a slab: a text where it lies. It stays good for as long as somebody has it. */
export interface Piece {
  readonly version: number;
  readonly slab: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Bytes of a slab. */
const slabBytes = 256 * 1024;
/** What an entry costs beside its text. */
const entryBytes = 150;
const comma = ",".charCodeAt(0);

/**
 * Strings would each be looked at by every garbage collection, and put together and encoded anew for each list.
 * @param mostBytes the most memory that is kept
 */
export function createRowBuffer(mostBytes: number) {
  const entries = new Map<number, Piece>();
  // The oldest first, each with the ids of the texts that were written into it.
  const slabs: { readonly bytes: Buffer; readonly ids: number[]; used: number }[] = [];
  let bytes = 0;

  /** The slab that has room for so many bytes. */
  function slabFor(length: number) {
    const last = slabs.at(-1);
    if (last && last.used + length <= last.bytes.length) return last;
    const slab = { bytes: Buffer.allocUnsafeSlow(Math.max(slabBytes, length)), ids: [], used: 0 };
    slabs.push(slab);
    bytes += slab.bytes.length;
    while (bytes > mostBytes && slabs.length > 1) drop();
    return slab;
  }

  function drop(): void {
    const oldest = slabs.shift();
    if (!oldest) return;
    bytes -= oldest.bytes.length + entryBytes * oldest.ids.length;
    for (const id of oldest.ids) if (entries.get(id)?.slab === oldest.bytes) entries.delete(id);
  }

  return {
    /** The text of a row, if it is kept for this version. */
    find(id: number, version: number): Piece | undefined {
      const kept = entries.get(id);
      return kept?.version === version ? kept : undefined;
    },

    /** Keeps a text. */
    write(id: number, version: number, text: string): Piece {
      // UTF-8 takes three bytes at most for each of JavaScript's units. A comma follows, as in a list.
      const slab = slabFor(3 * text.length + 1);
      const from = slab.used;
      const to = from + slab.bytes.write(text, from);
      slab.bytes[to] = comma;
      slab.used = to + 1;
      slab.ids.push(id);
      bytes += entryBytes;
      const kept = { version, slab: slab.bytes, from, to };
      entries.set(id, kept);
      return kept;
    },
  };
}

/** Texts with commas between them, and what stands before and after. Those that lie side by side are copied at once. */
export function joined(head: string, texts: readonly Piece[], tail: string): Uint8Array<ArrayBuffer> {
  let length = Buffer.byteLength(head) + Buffer.byteLength(tail) + Math.max(0, texts.length - 1);
  for (const { from, to } of texts) length += to - from;
  const bytes = Buffer.allocUnsafeSlow(length);
  let at = bytes.write(head);
  for (let index = 0; index < texts.length; ) {
    const { slab, from, to } = texts[index] as Piece;
    let end = to;
    for (index += 1; index < texts.length; index++) {
      const next = texts[index] as Piece;
      if (next.slab !== slab || next.from !== end + 1) break;
      end = next.to;
    }
    at += slab.copy(bytes, at, from, end);
    if (index < texts.length) bytes[at++] = comma;
  }
  bytes.write(tail, at);
  return bytes;
}
