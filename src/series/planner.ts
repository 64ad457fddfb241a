/** Planners: read what a form of a series says, and tell what it would do to the downtimes. */

import type { StaffPageServices, Visit } from "../account/staff-page.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { BegunChoice } from "./editing-view.tsx";
import type { SeriesFormInput } from "./form-input.ts";
import { partAt, readSeriesEntry, type SeriesReading } from "./form-reading.ts";
import { planEdit, planNew, readFrom } from "./planned.ts";
import type { PlanOutcome } from "./preview-view.tsx";
import type { StoredSeries } from "./rows.ts";
import type { SeriesStore } from "./store.ts";
import { addWarnings } from "./warnings.ts";

/** What the staff pages of series work with. */
export interface SeriesStaffServices extends StaffPageServices {
  readonly downtimes: Downtimes;
  readonly series: SeriesStore;
}

/** A stored series, and the local date whose part of it the form showed; empty: the newest. */
export interface Changing {
  readonly stored: StoredSeries;
  readonly shown: string;
  /** Which of those that have begun are edited too. */
  readonly begun: BegunChoice;
}

/** Reads which of those that have begun are edited too. */
export function begunChoiceIn(sent: URLSearchParams): BegunChoice {
  const choice = sent.get("begun");
  return choice === "yes" || choice === "no" ? choice : "";
}

const isBegunMeant = (choice: BegunChoice) => (choice === "" ? undefined : choice === "yes");

export function createPlanner({ series, configdb, clock }: SeriesStaffServices) {
  /** By the rules for a new series, or for one that is changed. */
  const read = (entry: SeriesFormInput, { now }: Visit, changing?: Changing): SeriesReading => {
    const facility = configdb.get();
    if (!changing) return readSeriesEntry(entry, facility, now, (body) => planNew(body, facility, now));
    const { stored, shown, begun } = changing;
    const from = entry.texts.from.trim();
    const part = partAt(stored, shown);
    const book = (body: Readonly<Record<string, unknown>>) =>
      planEdit(
        stored,
        body,
        { begun: isBegunMeant(begun), ...(from && { from: readFrom(from) }) },
        facility,
        now,
        part,
      );
    return readSeriesEntry(entry, facility, now, book, part);
  };

  /** What would become of the downtimes; undefined where the entry is no plan. */
  const tried = async ({ booking }: SeriesReading, changing?: Changing): Promise<PlanOutcome | undefined> => {
    if (!booking) return undefined;
    const id = changing?.stored.id;
    const outcome =
      id === undefined ? await series.tryAdd(booking, clock()) : await series.tryChange(id, clock(), () => booking);
    return { ...outcome, marked: addWarnings(outcome, await series.beside(outcome.planned, id), configdb.get()) };
  };

  return { read, tried };
}
