/** Grants of nights, as in requests of `/api/uptime/`: read, planned against what is stored, and stored. */

import { Type } from "@sinclair/typebox";
import type { Author } from "../auth/change-set-store.ts";
import { type CheckedDraft, checkChange, checkDraft, DraftSchema, unknownPlace } from "../downtime/downtime.ts";
import type { Configdb } from "../facility/configdb.ts";
import { type Facility, forEachPlaceField, type Place, placeFields } from "../facility/facility.ts";
import { acrossFields, Invalid, Problem } from "../input/problem.ts";
import { Refusals } from "../input/readers.ts";
import { takeTurn } from "../time/event-loop.ts";
import { clipped, type Interval, merged } from "../time/interval.ts";
import { anySpan, GrantedNightSchema, type NightPart, readNight } from "./granted-nights.ts";
import type { createUptimes, UptimeRow } from "./store.ts";
import { planUptime } from "./uptime.ts";

const maxNights = 400;
const defaultReason = "Created through uptime API";
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

interface Group {
  readonly place: Place;
  /** Undefined if the request has none. */
  readonly reason: string | undefined;
  /** Undefined: ask the Observation Portal. */
  readonly semester: Interval | undefined;
  readonly parts: readonly NightPart[];
}

/** The errors of the groups, as OCS Downtime sends them: a list with an object for each, or `error`. */
export class UptimeRefused extends Problem {
  constructor(readonly answer: readonly object[] | { readonly error: string }) {
    const texts = "error" in answer ? [answer.error] : answer.flatMap((errors) => Object.values(errors).flat());
    super(400, texts.filter((text) => typeof text === "string").join(" "));
  }

  override body(): unknown {
    return this.answer;
  }
}

/** Reads all groups, and yields to other requests in between. @throws UptimeRefused */
async function readGroups(body: readonly unknown[], facility: Facility): Promise<Group[]> {
  const groups: Group[] = [];
  const errors: object[] = [];
  for (const sent of body) {
    await takeTurn();
    const read = readGroup(Object(sent), facility);
    errors.push("errors" in read ? read.errors : {});
    if ("place" in read) groups.push(read);
  }
  if (groups.length < body.length) throw new UptimeRefused(errors);
  return groups;
}

function readGroup(fields: Record<string, unknown>, facility: Facility): Group | { readonly errors: object } {
  const isOwn = fields.start !== undefined || fields.end !== undefined;
  const draft = readSpan(isOwn ? fields : { ...fields, ...anySpan }, facility);
  const site = facility.sites.find(({ code }) => code === fields.site);
  const sent: unknown[] | undefined =
    Array.isArray(fields.uptimes) && fields.uptimes.length <= maxNights ? fields.uptimes : undefined;
  const read = sent?.map((night) => readNight(night, site)) ?? [];
  const parts = read.flatMap((night) => (night instanceof Refusals ? [] : night));
  const uptimes = sent
    ? read.map((night) => (night instanceof Refusals ? night.errors : {}))
    : [`This must be a list of at most ${maxNights} nights.`];
  const isRight = parts.length === sent?.length;
  if (draft instanceof Refusals || !isRight)
    return { errors: { ...(draft instanceof Refusals && draft.errors), ...(!isRight && { uptimes }) } };
  return {
    place: forEachPlaceField((field) => draft[field]),
    reason: fields.reason === undefined ? undefined : draft.reason,
    semester: isOwn ? { start: draft.start, end: draft.end } : undefined,
    parts,
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

export interface Semester extends Interval {
  /** `2027A`; of a portal that sends no names, the first date. */
  readonly name: string;
}

export interface GrantServices {
  readonly configdb: Configdb;
  readonly uptimes: ReturnType<typeof createUptimes>;
  /** @param byDefault the first days of a year's semesters, without a portal and the setting */
  readonly findSemesters: (span: Interval, byDefault?: readonly string[]) => Promise<readonly Semester[]>;
}

type Grant = Group & { readonly semester: Interval };

export function createGrants({ uptimes, findSemesters, configdb }: GrantServices) {
  /** Returns a group in each semester in which it has nights. @throws UptimeRefused */
  const inSemesters = async (group: Group): Promise<Grant[]> => {
    const nights = merged(group.parts);
    const [first, last] = [nights[0], nights.at(-1)];
    if (!first || !last) return [];
    const semesters = group.semester ? [group.semester] : await findSemesters({ start: first.start, end: last.end });
    const missing = group.parts.find((part) => !semesters.some((semester) => clipped([part], semester).length > 0));
    if (missing) throw new UptimeRefused({ error: `The night of ${missing.day} is in no semester.` });
    return semesters
      .filter((semester) => clipped(nights, semester).length > 0)
      .map((semester) => ({ ...group, semester }));
  };

  const planFor =
    ({ place, reason, parts, semester }: Grant) =>
    (rows: readonly UptimeRow[]) =>
      planUptime(rows, semester, parts, ({ start, end, from }): CheckedDraft => {
        if (!from) return checkDraft({ ...place, reason: reason ?? defaultReason, start, end }, configdb.get());
        return checkChange(from.downtime, { start, end, ...(from.isOwn && { reason }) }, configdb.get);
      });

  return {
    /** Reads the groups of a request. All semesters are known before anything is stored. @throws UptimeRefused */
    read: async (body: readonly unknown[]): Promise<Grant[]> =>
      (await Promise.all((await readGroups(body, configdb.get())).map(inSemesters))).flat(),

    attempt: async (grant: Grant) => planFor(grant)(await uptimes.find(grant.place, grant.semester)),

    /** Stores a grant in one transaction and change set. */
    store: (grant: Grant, author: Author): Promise<void> => uptimes.change(grant, author, planFor(grant)),
  };
}
