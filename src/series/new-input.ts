/** The input with which a new form opens. */

import { idsOf, type Visit } from "../account/staff-page.ts";
import { formInputOf } from "../downtime/form-input.ts";
import { emptySeriesFormInput, readSeriesFormInput, type SeriesFormInput, withLocations } from "./form-input.ts";
import { seriesFormInputOf } from "./form-reading.ts";
import type { SeriesStaffServices } from "./one-series.ts";
import { siteZone } from "./typed-times.ts";

interface NewInput {
  readonly input: SeriesFormInput;
  /** The id of the downtime that is duplicated. */
  readonly copyOf?: number;
}

/** Returns the fields in the address; or those of a downtime (`from`) or a series (`like`) to duplicate. @throws NotFound */
export async function newInputOf(
  { series, downtimes }: Pick<SeriesStaffServices, "series" | "downtimes">,
  { query, frame }: Visit,
  repeat: string,
): Promise<NewInput> {
  const [like] = idsOf(query.getAll("like"));
  if (like !== undefined) return { input: seriesFormInputOf(await series.get(like)) };
  const [copyOf] = idsOf(query.getAll("from"));
  const defaults = { repeat, zone: frame.times === "site" ? siteZone : "" };
  if (copyOf === undefined) return { input: { ...readSeriesFormInput(query), ...defaults } };
  const { downtime } = await downtimes.getStored(copyOf);
  return { input: { ...withLocations(emptySeriesFormInput, [downtime]), ...formInputOf(downtime) }, copyOf };
}
