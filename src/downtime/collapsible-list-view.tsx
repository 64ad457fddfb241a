/** @jsxImportSource @kitajs/html */
/** Collapsible lists of downtimes. */

import type { Draft } from "./downtime.ts";
import { PlaceLink } from "./place-link-view.tsx";
import { spellWindow } from "./state-view.tsx";

const maxListed = 100;

/** A list of downtimes, collapsed at first. */
export function CollapsibleList({ title, drafts }: { title: string; drafts: readonly Draft[] }): JSX.Element | null {
  if (drafts.length === 0) return null;
  return (
    <details>
      <summary safe>{`${title}: ${drafts.length.toLocaleString("en")}`}</summary>
      <ul>
        {drafts.slice(0, maxListed).map((draft) => (
          <li>
            <span safe>{spellWindow(draft.start, draft.end)}</span>, <PlaceLink {...draft} />
          </li>
        ))}
        {drafts.length > maxListed ? (
          <li safe>{`and ${(drafts.length - maxListed).toLocaleString("en")} more`}</li>
        ) : null}
      </ul>
    </details>
  );
}
