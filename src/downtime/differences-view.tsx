/** @jsxImportSource @kitajs/html */
/** Differences: field by field, what a downtime was and what it became. */

import { draftFields } from "./downtime.ts";
import { fieldNames } from "./field-names.ts";
import type { FormInput } from "./form-input.ts";

export interface DifferencesProps {
  /** Who changed it, and when, for people. */
  readonly by: string;
  readonly at: string;
  /** As it was when the form was opened, as it is stored now, and as it was typed. */
  readonly before: FormInput;
  readonly theirs: FormInput;
  readonly mine: FormInput;
}

/** Somebody else was faster: what they changed, beside what was typed. */
export function Differences({ by, at, before, theirs, mine }: DifferencesProps): JSX.Element {
  const fields = draftFields.filter((field) => before[field] !== theirs[field] || mine[field] !== theirs[field]);
  return (
    <section class="message error" role="alert" id="conflict">
      <p>
        <strong safe>{`${by} changed this at ${at}, while you had it open.`}</strong> Nothing of yours is saved yet. The
        form below has what they changed, and what you changed. Look it over, then save.
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
