/** @jsxImportSource @kitajs/html */
/** The hidden fields of every form that writes. */

import { plain } from "./attribute.ts";

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
