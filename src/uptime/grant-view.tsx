/** @jsxImportSource @kitajs/html */
/** What a grant does: how many nights, and what it does to the downtimes of others. */

import { describePlace } from "../downtime/downtime.ts";
import type { Place } from "../facility/facility.ts";
import { counted } from "../input/text.ts";
import type { Interval } from "../time/interval.ts";
import { dayAndMonth } from "../time/zone.ts";
import { spellWindow, Time } from "../ui/instants.tsx";
import type { SemesterNight } from "./granted-nights.ts";

/** Formats `7 nights granted, 2 taken back for coj · clma · 2m0a`. @param done how many halves, as `14,4` */
export function describeDone(done: string, place: Place): string {
  const [granted = 0, taken = 0] = done.split(",").map(Number);
  const parts = Object.entries({ granted, "taken back": taken })
    .filter(([, halves]) => halves > 0)
    .map(([what, halves], index) => `${index === 0 ? counted(halves / 2, "night") : halves / 2} ${what}`);
  return `${parts.join(", ")} for ${describePlace(place)}`;
}

interface Row extends Interval {
  readonly downtime: { readonly id: number; readonly reason: string };
}

interface ConflictsProps {
  readonly asked: SemesterNight<Row>["halves"];
  /** The downtimes of others, and what a grant leaves of them. */
  readonly cuts: readonly { readonly row: Row; readonly left: readonly Interval[] }[];
  readonly zone: string | undefined;
}

/** The downtimes of others that a grant cuts, and those that block a part of it. */
export function Conflicts({ asked, cuts, zone }: ConflictsProps): JSX.Element | null {
  const items = [
    ...cuts.flatMap(({ row, left }) => {
      const [only = row, ...more] = left;
      if (more.length > 0) return { row, verb: "Cuts", what: more.length > 1 ? `into ${left.length} parts` : "in two" };
      if (left.length === 0) return { row, verb: "Deletes", what: "" };
      const isSame = only.start === row.start && only.end === row.end;
      return isSame ? [] : { row, verb: "Shortens", what: `to ${spellWindow(only.start, only.end)}` };
    }),
    ...asked.flatMap(({ key, blockers, isBlocked }) => {
      const half = `the ${key.slice(11).replace("_", " ")} of ${dayAndMonth(key)}`;
      const what = isBlocked ? `blocks ${half}; not granted` : `blocks a part of ${half}; the rest is granted`;
      return blockers.map((row) => ({ row, verb: "", what }));
    }),
  ];
  if (items.length === 0) return null;
  return (
    <div class="message warning">
      <ul>
        {items.map(({ row, verb, what }) => (
          <li class="moment">
            <span safe>{verb && `${verb} `}</span>
            <a href={`/downtimes/${row.downtime.id}`} dir="auto" safe>
              {row.downtime.reason || "No reason"}
            </a>
            {" ("}
            <Time at={row.start} to={row.end} zone={zone} />
            <span safe>{`) ${what}`}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
