/** @jsxImportSource @kitajs/html */
/** Someone else's edit while the form was open, beside the user's. */

import { type Column, Table } from "../ui/table.tsx";
import { inputsOf, type SeriesFormInput } from "./form-input.ts";
import { labelOf } from "./inputs-view.tsx";

export interface ConflictProps {
  /** Who edited it, and when, as text. */
  readonly by: string;
  readonly at: string;
  /** The version when the form was opened, the stored version, and the user's input. */
  readonly before: SeriesFormInput;
  readonly theirs: SeriesFormInput;
  readonly mine: SeriesFormInput;
}

export function Conflict({ by, at, before, theirs, mine }: ConflictProps): JSX.Element {
  const names = new Set([...inputsOf(mine), ...inputsOf(theirs)]);
  const differing = [...names].filter((name) => before[name] !== theirs[name] || mine[name] !== theirs[name]);
  const value = (input: SeriesFormInput) => (name: string) => {
    const Element = input[name] === before[name] ? "span" : "ins";
    return (
      <Element class="reason" dir="auto" safe>
        {input[name] || "(empty)"}
      </Element>
    );
  };
  const columns: readonly Column<string>[] = [
    { label: "Field", text: labelOf },
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
        <Table columns={columns} rows={differing} class="changes" />
      </div>
    </section>
  );
}
