/** @jsxImportSource @kitajs/html */
/** The page that asks to confirm a button again after the user signed in. */

import { plain } from "../ui/attribute.ts";
import { Layout } from "../ui/layout.tsx";
import type { PageContext } from "../ui/page-context.ts";
import { Token } from "../ui/token.tsx";

interface SendAgainProps extends PageContext {
  readonly csrf: string;
  readonly fields: URLSearchParams;
}

export function SendAgainPage({ csrf, fields, ...frame }: SendAgainProps): JSX.Element {
  return (
    <Layout {...frame} title="Send again">
      <h1>Nothing was changed yet</h1>
      <form class="form" method="post" action={plain(frame.path)}>
        <Token csrf={csrf} />
        {[...fields].map(([name, value]) => (
          <input type="hidden" name={plain(name)} value={plain(value)} />
        ))}
        <p class="actions">
          <button type="submit" class="primary">
            Send again
          </button>
          <a class="button quiet" href="/admin/downtimes">
            Cancel
          </a>
        </p>
      </form>
    </Layout>
  );
}
