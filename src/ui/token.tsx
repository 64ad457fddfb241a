/** @jsxImportSource @kitajs/html */
/** The hidden fields of every form that writes, and buttons of the form that has only these. */

import { Button } from "./line.tsx";
import { plain } from "./link.ts";

/**
 * @param csrf the CSRF token of the user's session
 * @param next the page to go to afterwards, if the form has no page of its own
 */
export function Token({ csrf, next }: { csrf: string; next?: string | undefined }): JSX.Element {
  return (
    <>
      <input type="hidden" name="csrf" value={plain(csrf)} />
      {next ? <input type="hidden" name="next" value={plain(next)} /> : null}
      {/* New each time the form is shown. Sent twice, as by a double click, a form takes effect once. */}
      <input type="hidden" name="once" value={crypto.randomUUID()} />
    </>
  );
}

interface UndoProps {
  readonly changeSet: number;
  readonly csrf: string;
  readonly label: string;
  /** The page to stay on. */
  readonly next?: string | undefined;
}

/** The button that undoes a change set. */
export const UndoButton = ({ changeSet, csrf, label, next }: UndoProps): JSX.Element => (
  <form method="post" action={`/admin/changesets/${changeSet}/undo`}>
    <Token csrf={csrf} next={next} />
    <Button text={label} />
  </form>
);

interface RowButtonProps {
  readonly label: string;
  /** The path that it posts to, and the field that it sends. */
  readonly to: string;
  readonly name?: string;
  readonly value?: string;
  /** What it acts on, for those who can't see that. */
  readonly about?: string;
}

/** A button anywhere on a page, which submits the layout's form. */
export function RowButton({ label, to, name, value, about }: RowButtonProps): JSX.Element {
  return (
    <button
      type="submit"
      form="row"
      formaction={to}
      name={name}
      value={value}
      aria-label={about && plain(`${label}: ${about}`)}
      safe
    >
      {label}
    </button>
  );
}
