/** @jsxImportSource @kitajs/html */
/** Lists of downtimes that are folded up. */

import { type Draft, describePlace } from "./downtime.ts";
import { spellWindow } from "./state-view.tsx";

const mostListed = 100;

/** A list of downtimes that is folded up. */
export function CollapsibleList({ title, drafts }: { title: string; drafts: readonly Draft[] }): JSX.Element | null {
  if (drafts.length === 0) return null;
  return (
    <details>
      <summary safe>{`${title}: ${drafts.length}`}</summary>
      <ul>
        {drafts.slice(0, mostListed).map((draft) => (
          <li safe>{`${spellWindow(draft.start, draft.end)}, ${describePlace(draft)}`}</li>
        ))}
        {drafts.length > mostListed ? <li>and {drafts.length - mostListed} more</li> : null}
      </ul>
    </details>
  );
}
