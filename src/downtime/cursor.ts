/** Cursors: positions in the change log from which a client continues. */

import { Refusal } from "../input/text.ts";

/** The position after an entry of the history. */
export interface Cursor {
  /** The entry's ID; 0 for the position before the first entry. */
  readonly id: number;
  /** Distinguishes the entry from one with the same ID in another history, such as after restoring a backup. */
  readonly checksum: string;
}

/** The position before the first entry. */
export const beginning: Cursor = { id: 0, checksum: "" };

/** Formats a cursor for clients. */
export const spellCursor = ({ id, checksum: mark }: Cursor): string => (id === 0 ? "0" : `${id}-${mark}`);

/** Parses a cursor of `spellCursor`; an empty text is the beginning. */
export function readCursor(text: string): Cursor | Refusal {
  if (text === "" || text === "0") return beginning;
  const [, id, mark = ""] = /^([1-9]\d{0,14})-([0-9a-f]{8})$/.exec(text) ?? [];
  return id
    ? { id: Number(id), checksum: mark }
    : new Refusal("Invalid cursor. Send the last `cursor` you received, unchanged.");
}
