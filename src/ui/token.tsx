/** @jsxImportSource @kitajs/html */
/** The hidden fields of every form that writes: who sends it, and which form it is. */

import { plain } from "./attribute.ts";

/** @param csrf proves that the signed-in user has filled in the form */
export function Token({ csrf }: { csrf: string }): JSX.Element {
  return (
    <>
      <input type="hidden" name="csrf" value={plain(csrf)} />
      {/* New each time the form is shown: the same form sent twice is a double click, and writes once. */}
      <input type="hidden" name="once" value={crypto.randomUUID()} />
    </>
  );
}
