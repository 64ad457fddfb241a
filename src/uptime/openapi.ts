/** What the OpenAPI document says of granted nights. */

import { Type } from "@sinclair/typebox";
import { DraftSchema } from "../downtime/downtime.ts";
import { answer, operation } from "../http/openapi.ts";
import { dry_run } from "../series/openapi.ts";
import { GroupSchema, UptimeQuery } from "./uptime-request.ts";

const downtimes = Type.Array(DraftSchema);
const TriedSchema = Type.Object({
  ...UptimeQuery.properties,
  created: downtimes,
  changed: downtimes,
  deleted: downtimes,
});
const success = Type.Boolean({ examples: [true] });
const GrantedSchema = Type.Object({ success, dry_run, results: Type.Optional(Type.Array(TriedSchema)) });
const span = Type.Array(DraftSchema.properties.start, { minItems: 2, maxItems: 2 });
const UptimesSchema = Type.Object({ ...UptimeQuery.properties, uptimes: Type.Array(span) });
const common = { tag: "Availability", access: "write" } as const;

export const uptimeOperations = {
  show: operation("getUptime", "Get when a telescope is up", {
    ...common,
    description:
      "For staff. The gaps between the downtimes of exactly this telescope and instrument type that overlap a span.",
    query: UptimeQuery.properties,
    answers: { 200: answer("The gaps.", UptimesSchema) },
  }),
  grant: operation("grantUptime", "Grant nights on a telescope that is closed otherwise", {
    ...common,
    description:
      "For staff. Adds or removes nights, from nautical dusk to dawn, in the semesters that they fall into, one transaction and change set for each. The first grant closes the rest of the semester. Downtimes that weren't made by grants are cut only where they contain all of a granted night. Semesters are those of the Observation Portal (`OBS_PORTAL_URL`), without one those of the setting `SEMESTERS`, or `start` and `end` of the group. A 400 is a list with the errors of each group, or `error` if the portal can't be asked; then nothing is stored.",
    query: { dry_run },
    body: Type.Array(GroupSchema),
    answers: { 200: answer("Stored; with `dry_run`, what would be, by group and semester.", GrantedSchema) },
  }),
};
