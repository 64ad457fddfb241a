/** @jsxImportSource @kitajs/html */
/** What the series form has in addition when it edits a stored series. */

import { plain } from "../ui/attribute.ts";

/** Which of the downtimes that have begun are edited, beside upcoming ones. */
export const begunChoices = {
  "": "Edit active ones, keep past ones",
  no: "Keep both as they are",
  yes: "Include active and past occurrences",
} as const;
export type BegunChoice = keyof typeof begunChoices;

export const begunChoiceOf = (sent: string | null): BegunChoice => (sent === "yes" || sent === "no" ? sent : "");

export interface EditingProps {
  readonly id: number;
  /** The version that the form shows. */
  readonly version: number;
  /** The local date whose part of the plan the form shows; empty: the newest. */
  readonly shown: string;
  readonly begun: BegunChoice;
  /** The plan has several parts, of which the form shows one. */
  readonly isPart: boolean;
  /** The first local date without occurrences. */
  readonly ended: string | null;
}

/** The version and the part that the form shows, and notes about them. */
export function Editing({ id, version, shown, isPart, ended }: EditingProps): JSX.Element {
  return (
    <>
      {isPart ? (
        <p class="hint">
          This series was edited from a date on before. The form shows the{" "}
          {shown ? "part that applies then" : "newest part"}; fields that you leave unchanged stay as they are in every
          part.
        </p>
      ) : null}
      {ended === null ? null : (
        <p class="hint">
          This series has ended (no occurrences from <span safe>{ended}</span>).{" "}
          <a href={`/admin/series/new?like=${id}`}>Duplicate it</a> to continue.
        </p>
      )}
      <input type="hidden" name="id" value={String(id)} />
      <input type="hidden" name="version" value={String(version)} />
      <input type="hidden" name="shown" value={plain(shown)} />
    </>
  );
}
