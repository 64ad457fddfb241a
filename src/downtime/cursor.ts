/** Cursors: places in the history of changes, from which whoever follows it goes on. */

import { Refusal } from "../input/text.ts";

/** A place behind one entry of the history. */
export interface Cursor {
  /** The entry's id; 0 is the place before the first one. */
  readonly id: number;
  /** Tells the entry from one of the same id in another history, such as that of a backup which was brought back. */
  readonly checksum: string;
}

/** The place before the first entry. */
export const beginning: Cursor = { id: 0, checksum: "" };

/** The cursor as clients keep it. */
export const spellCursor = ({ id, checksum: mark }: Cursor): string => (id === 0 ? "0" : `${id}-${mark}`);

/** Reads what `spellCursor` wrote; nothing at all means the beginning. */
export function readCursor(text: string): Cursor | Refusal {
  if (text === "" || text === "0") return beginning;
  const [, id, mark = ""] = /^([1-9]\d{0,14})-([0-9a-f]{8})$/.exec(text) ?? [];
  return id
    ? { id: Number(id), checksum: mark }
    : new Refusal("This is no cursor. Send the last one that you got, unchanged.");
}
