/** @jsxImportSource @kitajs/html */
/** The page of an undo that was refused: who edited what since. */

import { spellInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import type { PageContext } from "../ui/page-context.ts";
import type { LaterVersion } from "./overtaken.ts";

const participles = {
  create: "created",
  change: "edited",
  end: "ended",
  delete: "deleted",
  restore: "restored",
} as const;

export function OvertakenPage({
  later,
  ...frame
}: PageContext & { readonly later: readonly LaterVersion[] }): JSX.Element {
  return (
    <Layout {...frame} title="Nothing was undone">
      <h1>Nothing was undone</h1>
      <div class="message error" role="alert">
        <p>Someone edited this since, and an undo would lose that.</p>
        <ul>
          {later.map(({ what, id, action, by, at }) => (
            <li>
              <a href={`/${what}/${id}`} safe>
                {`${what === "series" ? "Series" : "Downtime"} ${id}`}
              </a>{" "}
              <span safe>{`${participles[action]} by ${by}, ${spellInstant(at)}`}</span>
            </li>
          ))}
        </ul>
      </div>
      <p>
        <a href="/admin/downtimes">All downtimes</a>
      </p>
    </Layout>
  );
}
