/** @jsxImportSource @kitajs/html */
/** What the form of a series has beside its plan where a stored one is edited. */

import { plain } from "../ui/attribute.ts";

/** Which downtimes are edited, beside those to come. */
export const begunChoices = {
  "": "Edit active ones, keep past ones",
  no: "Keep both as they are",
  yes: "Edit both",
} as const;
export type BegunChoice = keyof typeof begunChoices;

export interface ChangingProps {
  readonly id: number;
  /** The version that whoever changes it has seen. */
  readonly version: number;
  /** The local date whose part of the plan the form shows; empty: the newest. */
  readonly shown: string;
  /** Which of those that have begun are edited too. */
  readonly begun: BegunChoice;
  /** There are several parts, of which the form shows one. */
  readonly isPart: boolean;
  /** From this local date on nothing is planned any more. */
  readonly ended: string | null;
}

/** The version and the part that the form shows, and what is to be known of them. */
export function Changing({ id, version, shown, isPart, ended }: ChangingProps): JSX.Element {
  return (
    <>
      {isPart ? (
        <p class="hint">
          This series was changed from a date on before. The form shows what holds {shown ? "then" : "now"}; what you
          leave as it is stays as it is in every part.
        </p>
      ) : null}
      {ended === null ? null : (
        <p class="hint">
          The series ended on <span safe>{ended}</span>: nothing is planned from then on.{" "}
          <a href={`/admin/series/new?like=${id}`}>Plan another like it</a> to go on.
        </p>
      )}
      <input type="hidden" name="id" value={String(id)} />
      <input type="hidden" name="version" value={String(version)} />
      <input type="hidden" name="shown" value={plain(shown)} />
    </>
  );
}
