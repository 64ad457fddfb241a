/** @jsxImportSource @kitajs/html */
/** The button that undoes a change set. */

import { Token } from "../ui/token.tsx";

interface UndoProps {
  readonly changeSet: number;
  readonly csrf: string;
  /** By default, `Undo`. */
  readonly label?: string;
}

export function UndoButton({ changeSet, csrf, label = "Undo" }: UndoProps): JSX.Element {
  return (
    <form method="post" action={`/admin/changesets/${changeSet}/undo`}>
      <Token csrf={csrf} />
      <button type="submit" safe>
        {label}
      </button>
    </form>
  );
}
