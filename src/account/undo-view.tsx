/** @jsxImportSource @kitajs/html */
/** The button that undoes a change set. */

import { Token } from "../ui/token.tsx";

interface UndoProps {
  readonly changeSet: number;
  readonly csrf: string;
  /** By default, `Undo`. */
  readonly label?: string;
  /** The page to stay on. */
  readonly next?: string | undefined;
}

export function UndoButton({ changeSet, csrf, label = "Undo", next }: UndoProps): JSX.Element {
  return (
    <form method="post" action={`/admin/changesets/${changeSet}/undo`}>
      <Token csrf={csrf} next={next} />
      <button type="submit" safe>
        {label}
      </button>
    </form>
  );
}
