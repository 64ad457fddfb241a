/** @jsxImportSource @kitajs/html */
/** `/admin/granted-nights`: the nights of a semester on which a telescope is available, to tick or to import. */

import { action } from "../account/staff-form.tsx";
import { page, type StaffPageServices, type Visit } from "../account/staff-page.ts";
import { describePlace } from "../downtime/downtime.ts";
import type { Downtimes } from "../downtime/store.ts";
import { findSite } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { NotFound, tolerating } from "../input/problem.ts";
import { darkLimitOf, nameOfDarkLimit, spellDarkLimit } from "../sky/dark-limit.ts";
import { dayMillis, moved } from "../time/instant.ts";
import { SelectField } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import { sendPage, type ZoneOf } from "../ui/page-context.ts";
import { darkHours, nightsIn, readLines, type Selection, uptimesBetween } from "./granted-nights.ts";
import { GrantForm, Preview, path } from "./granted-nights-view.tsx";
import { createGrants, type GrantServices, UptimeRefused } from "./grants.ts";
import { isManaged, upIn } from "./uptime.ts";

/** Those of Las Cumbres Observatory. */
const defaultSemesters = ["02-01", "08-01"];
const unknownChoice = "Unknown telescope or semester. Select them again.";
const yearMillis = 366 * dayMillis;

type GrantedNightsServices = StaffPageServices & GrantServices & { readonly downtimes: Downtimes };

export function grantedNightsRoutes(all: GrantedNightsServices) {
  const services = { ...all, audience: "staff" as const };
  const { configdb, downtimes, uptimes, findSemesters } = services;
  const grants = createGrants(services);

  /** Reads the telescope and the semester of a query or a form, and what else can be selected. */
  const choose = async ({ now, query, form }: Visit) => {
    const around = { start: moved(now, -2 * yearMillis), end: moved(now, 2 * yearMillis) };
    const found = await findSemesters(around, defaultSemesters).catch(tolerating(UptimeRefused));
    const [semesters, refused] = found instanceof UptimeRefused ? [[], found] : [found, undefined];
    const places = configdb.get().places();
    const sent = form.size > 0 ? form : query;
    const telescope = sent.get("telescope") ?? "";
    const name = sent.get("semester") ?? semesters.find(({ end }) => now < end)?.name ?? "";
    return {
      ...{ places, semesters, refused, query: new URLSearchParams({ telescope, semester: name }) },
      place: places.find((place) => describePlace(place) === telescope),
      semester: semesters.find((semester) => semester.name === name),
    };
  };
  type Choice = Awaited<ReturnType<typeof choose>>;

  /** Reads what is granted, and the selection of a form. @throws UptimeRefused, NotFound */
  const load = async ({ place, semester, refused }: Choice, { form, now }: Visit) => {
    const site = place && findSite(configdb.get(), place.site);
    if (!site || !semester) throw refused ?? new NotFound(unknownChoice);
    const rows = await uptimes.find(place, semester);
    const nights = nightsIn(semester, site, rows);
    const halves = nights.flatMap((night) => night.halves);
    const keysOf = (field: "isGranted" | "isBlocked"): Selection =>
      new Set(halves.filter((half) => half[field]).map(({ key }) => key));
    const read = (name: string) => readLines(form.get(name) ?? "", nights, site);
    const boxes = new Set(form.getAll("half")).difference(keysOf("isBlocked"));
    const csv = form.get("do") === "import" ? read("csv") : { selection: boxes, errors: [] };
    const sent = csv.errors.length > 0 ? boxes : csv.selection;
    const granted = keysOf("isGranted");
    const [shown, ticked] = form.has("shown") ? [read("shown").selection, sent] : [granted, granted];
    const group = { ...place, start: semester.start, end: semester.end, uptimes: uptimesBetween(shown, ticked) };
    const untilNotice = await downtimes.untilNotice(now);
    return { site, semester, rows, nights, shown, ticked, csvError: csv.errors.join("\n"), group, untilNotice };
  };

  const renderPreview = async (loaded: Awaited<ReturnType<typeof load>>, zoneOf: ZoneOf) => {
    const { site, semester, rows, shown, ticked, group, untilNotice } = loaded;
    const [grant] = await grants.read([group]);
    if (!grant) return <p class="muted">No changes.</p>;
    const plan = await grants.attempt(grant);
    const before = isManaged(rows, semester) ? rows : [semester];
    const hours = [before, [...plan.wanted.values()].flat()].map((down) => darkHours(site, upIn(down, semester)));
    return <Preview {...{ shown, ticked, plan, hours, zoneOf, untilNotice, isFirst: !isManaged(rows, semester) }} />;
  };

  const show = async (visit: Visit, unsaved?: UptimeRefused) => {
    const { context, pageContext, form, csrf } = visit;
    const choice = await choose(visit);
    const { places, semesters, query } = choice;
    const isChosen = query.get("telescope") && !choice.refused;
    const isKnown = choice.place && choice.semester;
    const unknown = isChosen && !isKnown ? new NotFound(unknownChoice) : undefined;
    const refused = unsaved ?? choice.refused ?? unknown;
    const loaded = isChosen && isKnown ? await load(choice, visit) : undefined;
    const props = loaded && {
      ...{ ...loaded, query, form, csrf, zone: pageContext.zoneOf(loaded.group.site) },
      reason: loaded.rows.find(({ isOwn }) => isOwn)?.downtime.reason ?? "Outside granted nights",
      safePreview: await renderPreview(loaded, pageContext.zoneOf),
    };
    const title = ["Granted nights", ...(loaded ? query.values() : [])].join(", ");
    const limit = loaded && spellDarkLimit(nameOfDarkLimit(darkLimitOf(loaded.site)));
    const field = (name: string) => ({ name, value: query.get(name) ?? "" });
    return sendPage(
      <Layout {...pageContext} {...(refused && { notice: refused.detail })} title={title}>
        <h1 safe>{title}</h1>
        <p>Select the nights on which the telescope is available. It is closed for the rest of the semester.</p>
        {limit ? <p safe>{`Hours are dark hours, limit of dark: ${limit}.`}</p> : null}
        <form class="search" action={path}>
          <SelectField {...field("telescope")} label="Telescope" options={places.map(describePlace)} empty="Select…" />
          <SelectField {...field("semester")} label="Semester" options={semesters.map(({ name }) => name)} />
          <button type="submit">Show</button>
        </form>
        {props ? <GrantForm {...props} /> : null}
        <script src={pageContext.assets["nights.js"]} defer></script>
      </Layout>,
      context.request,
      unknown?.status ?? (refused || loaded?.csvError ? 422 : 200),
    );
  };

  const save = async (visit: Visit) => {
    const { form, author } = visit;
    if (form.get("do") !== "save") return show(visit);
    const { group } = await load(await choose(visit), visit);
    const read = await grants.read([{ ...group, reason: form.get("reason") }]).catch(tolerating(UptimeRefused));
    if (read instanceof UptimeRefused) return show(visit, read);
    for (const grant of read) await grants.store(grant, author);
    return undefined;
  };

  const preview = async (visit: Visit) => {
    const loaded = await load(await choose(visit), visit);
    return sendPage(await renderPreview(loaded, visit.pageContext.zoneOf), visit.context.request);
  };

  const shown = (visit: Visit) => show(visit);
  return createRoutes("granted-nights")
    .get(path, page(services, shown))
    .post(path, action(services, save, shown))
    .post(`${path}/preview`, action(services, preview));
}
