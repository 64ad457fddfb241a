/** The labels of a downtime's fields, for forms, tables, filters and the history. */

import type { Draft } from "./downtime.ts";

export const fieldNames: Readonly<Record<keyof Draft, string>> = {
  start: "Start",
  end: "End",
  site: "Site",
  enclosure: "Enclosure",
  telescope: "Telescope",
  instrument_type: "Instrument type",
  reason: "Reason",
  category: "Category",
};
