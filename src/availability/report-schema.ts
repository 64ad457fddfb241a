/** The response of `/api/report/`. */

import { type Static, type TString, Type } from "@sinclair/typebox";
import type { Instant } from "../time/instant.ts";
import { darkProperty, telescopeProperties } from "./telescopes.ts";

const orNull = (schema: ReturnType<typeof Type.Number | typeof Type.Integer>, description: string, example: number) =>
  Type.Union([schema, Type.Null()], {
    examples: [example],
    description: `${description} Null if ConfigDB has no coordinates for the site.`,
  });
const instant = (description: string, example: string) =>
  Type.Unsafe<Instant>({ type: "string", format: "date-time", description, examples: [example] });

const lost = {
  seconds_lost: Type.Integer({ description: "Seconds lost, day and night.", examples: [36_000] }),
  dark_seconds_lost: orNull(Type.Integer(), "Dark seconds lost, at the limit `dark`.", 12_600),
  nights_lost: orNull(
    Type.Number(),
    "Sum over all nights of the fraction of dark time lost: half of one night and all of another are 1.5.",
    0.5,
  ),
  nights_touched: orNull(Type.Integer(), "Nights with any dark time lost.", 1),
};

const divided = <Field extends string>(field: Field, text: TString, description: string) =>
  Type.Array(Type.Object({ [field]: text, ...lost } as Record<Field, TString> & typeof lost), { description });

export const ReportSchema = Type.Object(
  {
    start: instant("Start of the range.", "2027-01-01T00:00:00Z"),
    end: instant("End of the range.", "2027-02-01T00:00:00Z"),
    telescopes: Type.Array(
      Type.Object({
        ...telescopeProperties,
        dark_seconds: orNull(Type.Integer(), "Dark seconds in the range at this site.", 781_200),
        nights: orNull(
          Type.Number(),
          "Nights in the range at this site. Partial nights count by their fraction of dark time.",
          31,
        ),
        ...lost,
        reasons: divided(
          "reason",
          Type.String({ description: "The reason of the downtimes.", examples: ["Mirror wash"] }),
          "Losses by reason, the largest first. Overlapping time counts for the downtime that started first, or has the smaller ID if both started together, so the reasons add up to the telescope's loss. Only `nights_touched` doesn't add up: one night can count for several reasons.",
        ),
        instrument_types: Type.Array(
          Type.Object({ instrument_type: Type.String({ description: "Instrument type code." }), ...lost }),
          {
            examples: [[]],
            description:
              "Losses of instrument types with downtimes of their own. The telescope works meanwhile, so they aren't part of its losses.",
          },
        ),
        categories: divided(
          "category",
          Type.String({ description: "The category of the downtimes; empty where none is set." }),
          "Losses by category, the largest first, divided as those by reason.",
        ),
        ...darkProperty,
        kinds: divided(
          "kind",
          Type.String({ enum: ["planned", "unplanned"], description: "`planned` or `unplanned`." }),
          "Losses by kind, likewise. Unplanned: of category weather or fault, or stored later than an hour before the start.",
        ),
        each_night: Type.Array(
          Type.Object({
            night: Type.String({ format: "date", description: "Local date of its evening.", examples: ["2027-01-14"] }),
            ...{ dark_seconds_lost: lost.dark_seconds_lost, nights_lost: lost.nights_lost },
          }),
          { description: "The nights that lost any dark time; `nights_lost` is the fraction of each." },
        ),
      }),
      { description: "Active telescopes, and inactive ones with losses." },
    ),
  },
  { $id: "Report", description: "Time lost to downtime, past and upcoming. Overlaps count once." },
);
export type Report = Static<typeof ReportSchema>;
export type ReportTelescope = Report["telescopes"][number];
export type Lost = Pick<ReportTelescope, keyof typeof lost>;
