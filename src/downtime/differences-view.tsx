/** @jsxImportSource @kitajs/html */
/** The message of an edit conflict, with the differences by field. */

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
  return (
    <section class="message error" role="alert" id="conflict">
      <p>
        <strong safe>{`${by} edited this at ${at} while you were editing.`}</strong> Your changes aren't saved yet. The
        form combines both; review it, then save.
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col" safe>
                {by}
              </th>
              <th scope="col">You</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <tr>
                <th scope="row" safe>
                  {fieldNames[field]}
                </th>
                <Value text={before[field]} />
                <Value text={theirs[field]} changed={theirs[field] !== before[field]} />
                <Value text={mine[field]} changed={mine[field] !== before[field]} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Value({ text, changed = false }: { text: string; changed?: boolean }): JSX.Element {
  return (
    <td>
      {changed ? (
        <ins class="reason" dir="auto" safe>
          {text || "(empty)"}
        </ins>
      ) : (
        <span class="reason muted" dir="auto" safe>
          {text || "(empty)"}
        </span>
      )}
    </td>
  );
}
