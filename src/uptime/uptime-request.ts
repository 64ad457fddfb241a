/** Requests of `/api/uptime/`: groups of granted nights, each for one telescope. */

import { Type } from "@sinclair/typebox";
import { type CheckedDraft, checkDraft, DraftSchema, unknownPlace } from "../downtime/downtime.ts";
import { type Facility, forEachPlaceField, type Place, placeFields } from "../facility/facility.ts";
import { acrossFields, Invalid, Problem } from "../input/problem.ts";
import { Refusals } from "../input/readers.ts";
import { takeTurn } from "../time/event-loop.ts";
import type { Interval } from "../time/interval.ts";
import { anySpan, GrantedNightSchema, type NightPart, readNight } from "./granted-nights.ts";

const maxNights = 400;
export const defaultReason = "Created through uptime API";
const { category: _, reason, ...spanAndPlace } = DraftSchema.properties;
export const UptimeQuery = Type.Object(spanAndPlace);
export const GroupSchema = Type.Object(
  {
    ...spanAndPlace,
    start: Type.Optional({ ...spanAndPlace.start, examples: ["2027-01-01T00:00:00Z"] }),
    end: Type.Optional({ ...spanAndPlace.end, examples: ["2027-07-01T00:00:00Z"] }),
    reason: { ...reason, examples: ["Granted nights"] },
    uptimes: Type.Array(GrantedNightSchema),
  },
  { description: "`start` and `end` are those of the semester, instead of the Observation Portal's." },
);

export interface Group {
  readonly place: Place;
  /** Undefined if the request has none. */
  readonly reason: string | undefined;
  /** Undefined: ask the Observation Portal. */
  readonly semester: Interval | undefined;
  readonly parts: readonly NightPart[];
}

/** What is wrong with the groups, as the original says it: a list with an object for each, or `error`. */
export class UptimeRefused extends Problem {
  constructor(readonly answer: readonly object[] | { readonly error: string }) {
    const texts = "error" in answer ? [answer.error] : answer.flatMap((errors) => Object.values(errors).flat());
    super(400, texts.filter((text) => typeof text === "string").join(" "));
  }

  override body(): unknown {
    return this.answer;
  }
}

/** Reads all groups; others get their turn in between. @throws UptimeRefused */
export async function readGroups(body: readonly unknown[], facility: Facility): Promise<Group[]> {
  const read: ReturnType<typeof readGroup>[] = [];
  for (const group of body) {
    await takeTurn();
    read.push(readGroup(Object(group), facility));
  }
  if (read.some((one) => "errors" in one))
    throw new UptimeRefused(read.map((one) => ("errors" in one ? one.errors : {})));
  return read.flatMap((one) => ("errors" in one ? [] : one));
}

function readGroup(fields: Record<string, unknown>, facility: Facility): Group | { readonly errors: object } {
  const isOwn = fields.start !== undefined || fields.end !== undefined;
  const draft = readSpan(isOwn ? fields : { ...fields, ...anySpan }, facility);
  const site = facility.sites.find(({ code }) => code === fields.site);
  const sent = Array.isArray(fields.uptimes) && fields.uptimes.length <= maxNights ? fields.uptimes : undefined;
  const nights = sent?.map((night) => readNight(night, site));
  const isWrong = nights?.some((night) => night instanceof Refusals);
  const uptimes = nights?.map((night) => (night instanceof Refusals ? night.errors : {})) ?? [
    `This must be a list of at most ${maxNights} nights.`,
  ];
  if (draft instanceof Refusals || !nights || isWrong)
    return { errors: { ...(draft instanceof Refusals && draft.errors), ...((!nights || isWrong) && { uptimes }) } };
  return {
    place: forEachPlaceField((field) => draft[field]),
    reason: fields.reason === undefined ? undefined : draft.reason,
    semester: isOwn ? { start: draft.start, end: draft.end } : undefined,
    parts: nights.flatMap((night) => (night instanceof Refusals ? [] : night)),
  };
}

/** Reads a span, a telescope and a reason by the rules for a downtime. */
export function readSpan(fields: Record<string, unknown>, facility: Facility): CheckedDraft | Refusals {
  try {
    return checkDraft({ ...fields, category: undefined }, facility);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    if (error.errors[acrossFields]?.[0] !== unknownPlace) return new Refusals(error.errors);
    const codes = placeFields.map((field) => fields[field]).filter(Boolean);
    return new Refusals({ [acrossFields]: [unknownPlace.replace("combination", `combination ${codes.join(".")}`)] });
  }
}
