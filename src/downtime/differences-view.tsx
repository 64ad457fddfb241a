/** @jsxImportSource @kitajs/html */
/** The message of an edit conflict, with the differences by field. */

import { type Column, Table } from "../ui/table.tsx";
import { draftFields } from "./downtime.ts";
import { fieldNames } from "./field-names.ts";
import type { FormInput } from "./form-input.ts";

export interface ConflictProps {
  /** Who edited it, and when, as text. */
  readonly by: string;
  readonly at: string;
  /** The version when the form was opened, the stored version, and the user's input. */
  readonly before: FormInput;
  readonly theirs: FormInput;
  readonly mine: FormInput;
}

/** The other user's edits next to this user's. */
export function Conflict({ by, at, before, theirs, mine }: ConflictProps): JSX.Element {
  const fields = draftFields.filter((field) => before[field] !== theirs[field] || mine[field] !== theirs[field]);
  const value = (input: FormInput) => (field: keyof FormInput) => {
    const isEdited = input[field] !== before[field];
    const Element = isEdited ? "ins" : "span";
    return (
      <Element class={isEdited ? "reason" : "reason muted"} dir="auto" safe>
        {input[field] || "(empty)"}
      </Element>
    );
  };
  const columns: readonly Column<keyof FormInput>[] = [
    { label: "Field", text: (field) => fieldNames[field] },
    { label: "Before", cell: value(before) },
    { label: by, cell: value(theirs) },
    { label: "You", cell: value(mine) },
  ];
  return (
    <section class="message error" role="alert" id="conflict">
      <p>
        <strong safe>{`${by} edited this at ${at} while you were editing.`}</strong> Your changes aren't saved yet. The
        form combines both; review it, then save.
      </p>
      <div class="scroll">
        <Table columns={columns} rows={fields} class="changes" />
      </div>
    </section>
  );
}
