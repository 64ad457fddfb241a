/** Reads the series form by the rules of the API, and previews what it would do to the downtimes. */

import { Invalid } from "../input/problem.ts";
import type { Instant } from "../time/instant.ts";
import type { BegunChoice } from "./editing-view.tsx";
import { bodyOf, editedFields, errorsByInput, seriesFormInputOf } from "./form-body.ts";
import type { SeriesErrors, SeriesFormInput } from "./form-input.ts";
import type { SeriesStaffServices } from "./one-series.ts";
import { type Part, type Plan, partsOf } from "./plan.ts";
import { type PlannedSeries, planEdit, planNew, readFrom } from "./planned.ts";
import type { PlanOutcome } from "./preview-view.tsx";
import type { StoredSeries } from "./rows.ts";
import { addWarnings } from "./warnings.ts";

/** What the input means: a series to store, or errors. */
export interface SeriesReading {
  readonly input: SeriesFormInput;
  readonly series?: PlannedSeries;
  readonly errors: SeriesErrors;
}

/** The stored series that is edited. */
export interface Edited {
  readonly stored: StoredSeries;
  /** The local date whose part of the plan the form shows; empty: the newest. */
  readonly shown: string;
  /** Which of the downtimes that have begun are edited too. */
  readonly begun: BegunChoice;
}

/** The part of a plan that applies on a local date; for an empty date, the newest. */
export function partAt(plan: Plan, date: string): Part {
  const parts = partsOf(plan);
  const at = date === "" ? parts.at(-1) : parts.findLast(({ from }) => (from ?? "") <= date);
  return at ?? parts[0];
}

export function createFormReader({ series, configdb, clock }: SeriesStaffServices) {
  const plan = (input: SeriesFormInput, now: Instant, edited?: Edited): PlannedSeries => {
    const facility = configdb.get();
    const body = bodyOf(input, facility, now);
    if (!edited) return planNew(body, facility, now);
    const { stored, shown, begun } = edited;
    const part = partAt(stored, shown);
    const from = input.from?.trim();
    const reach = { begun: begun === "" ? undefined : begun === "yes", ...(from && { from: readFrom(from) }) };
    return planEdit(stored, editedFields(body, input, seriesFormInputOf(part)), reach, facility, now, part);
  };

  return {
    read(input: SeriesFormInput, now: Instant, edited?: Edited): SeriesReading {
      try {
        return { input, series: plan(input, now, edited), errors: {} };
      } catch (error) {
        if (!(error instanceof Invalid)) throw error;
        return { input, errors: errorsByInput(error.errors, input) };
      }
    },

    /** What would happen to the downtimes; undefined where the input has errors. */
    async preview({ series: planned }: SeriesReading, edited?: Edited): Promise<PlanOutcome | undefined> {
      if (!planned) return undefined;
      const id = edited?.stored.id;
      const outcome =
        id === undefined ? await series.tryAdd(planned, clock()) : await series.tryChange(id, clock(), () => planned);
      return {
        ...outcome,
        marked: addWarnings(outcome, await series.overlapping(outcome.planned, id), configdb.get()),
      };
    },
  };
}
