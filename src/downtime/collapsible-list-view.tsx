/** @jsxImportSource @kitajs/html */
/** Collapsible lists of downtimes. */

import { Time } from "../ui/instants.tsx";
import type { ZoneOf } from "../ui/page-context.ts";
import type { Draft } from "./downtime.ts";
import { PlaceLink } from "./place-link-view.tsx";

const maxListed = 100;

interface CollapsibleListProps {
  readonly title: string;
  readonly drafts: readonly Draft[];
  readonly zoneOf: ZoneOf;
}

/** A list of downtimes, collapsed at first. */
export function CollapsibleList({ title, drafts, zoneOf }: CollapsibleListProps): JSX.Element | null {
  if (drafts.length === 0) return null;
  return (
    <details>
      <summary safe>{`${title}: ${drafts.length.toLocaleString("en")}`}</summary>
      <ul>
        {drafts.slice(0, maxListed).map((draft) => (
          <li class="moment">
            <Time at={draft.start} to={draft.end} zone={zoneOf(draft.site)} />
            {", "}
            <PlaceLink {...draft} />
          </li>
        ))}
        {drafts.length > maxListed ? (
          <li safe>{`and ${(drafts.length - maxListed).toLocaleString("en")} more`}</li>
        ) : null}
      </ul>
    </details>
  );
}
