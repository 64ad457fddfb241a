/** @jsxImportSource @kitajs/html */
/** The hidden fields of every form that writes. */

import { plain } from "./attribute.ts";

/** @param csrf the CSRF token of the user's session */
export function Token({ csrf }: { csrf: string }): JSX.Element {
  return (
    <>
      <input type="hidden" name="csrf" value={plain(csrf)} />
      {/* New each time the form is shown. Sent twice, as by a double click, a form takes effect once. */}
      <input type="hidden" name="once" value={crypto.randomUUID()} />
    </>
  );
}
