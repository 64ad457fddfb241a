/** @jsxImportSource @kitajs/html */
/** The inputs with which a stored series is edited: its version, from when on, and which downtimes. */

import { plain } from "../ui/attribute.ts";
import type { FieldOf } from "../ui/edit-form.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { partsOf } from "./plan.ts";
import type { StoredSeries } from "./rows.ts";

/** Which of the downtimes that have begun are edited, beside upcoming ones. */
const begunChoices = {
  "": "Edit active ones, keep past ones",
  no: "Keep both as they are",
  yes: "Include active and past occurrences",
} as const;
type BegunChoice = keyof typeof begunChoices;

export const begunChoiceOf = (sent: string | null): BegunChoice => (sent === "yes" || sent === "no" ? sent : "");

/** The stored series that is edited, in the version that the form shows. */
export interface Edited {
  readonly stored: StoredSeries;
  /** The local date whose part of the plan the form shows; empty: the newest. */
  readonly shown: string;
  readonly begun: BegunChoice;
}

/** The version and the part that the form shows, and notes about them. */
export function Editing({ stored, shown }: Edited): JSX.Element {
  const { id, version, ended } = stored;
  return (
    <>
      {partsOf(stored).length > 1 ? (
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

/** Which downtimes of a stored series are edited. */
export function EditedDowntimes({ field, begun }: { field: FieldOf; begun: BegunChoice }): JSX.Element {
  return (
    <>
      <TextField
        {...field("from")}
        label="Apply from"
        hint="Local date, such as 2027-03-01. Leave empty for the whole series."
        picks="date"
      />
      <SelectField
        name="begun"
        label="Active and past downtimes"
        value={begun}
        options={["", "no", "yes"]}
        nameOf={(choice) => begunChoices[choice as BegunChoice]}
        hint="An active downtime keeps its start and its telescope."
      />
    </>
  );
}
