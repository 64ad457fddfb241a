/** Downtimes as CSV, with the API's field names, as `import` reads it. */

import { stringify } from "csv-stringify/sync";
import { type Downtime, DowntimeSchema } from "../domain/downtime.ts";

const columns = Object.keys(DowntimeSchema.properties);

/** The first line. */
export const csvHeader = (): string => stringify([columns]);

/** A line for each downtime. */
export const csvRows = (downtimes: readonly Downtime[]): string => stringify([...downtimes], { columns });
