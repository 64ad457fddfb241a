/** @jsxImportSource @kitajs/html */
/** `/admin/granted-nights`: the nights of a semester on which a telescope is up, to tick, to import and to export. */

import { action } from "../account/staff-form.tsx";
import { page, type StaffPageServices, tolerating, type Visit } from "../account/staff-page.ts";
import { describePlace } from "../downtime/downtime.ts";
import { findSite } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { NotFound } from "../input/problem.ts";
import { darkLimitOf, nameOfDarkLimit, spellDarkLimit } from "../sky/dark-limit.ts";
import { dayMillis, moved } from "../time/instant.ts";
import { spellDates } from "../time/zone.ts";
import { sendPage } from "../ui/page-context.ts";
import { GrantedNightsPage, Preview, path } from "./granted-nights-view.tsx";
import { createGrants, type GrantServices } from "./grants.ts";
import { darkHours, linesOf, nightsIn, readLines, uptimesBetween } from "./semester-nights.ts";
import { grantedIn, isManaged, rowsAfter, upIn } from "./uptime.ts";
import { UptimeRefused } from "./uptime-request.ts";

/** Those of Las Cumbres Observatory. */
const defaultSemesters = ["02-01", "08-01"];
const yearMillis = 366 * dayMillis;

export function grantedNightsRoutes(all: StaffPageServices & GrantServices) {
  const services = { ...all, audience: "staff" as const };
  const { configdb, uptimes, findSemesters } = services;
  const grants = createGrants(services);

  /** Reads the telescope and the semester of a query or a form, and what else can be selected. */
  const choose = async ({ now, query, form }: Visit) => {
    const around = { start: moved(now, -2 * yearMillis), end: moved(now, 2 * yearMillis) };
    const found = await findSemesters(around, defaultSemesters).catch(tolerating(UptimeRefused));
    const [semesters, refused] = found instanceof UptimeRefused ? [[], found] : [found, undefined];
    const places = new Map(
      configdb
        .get()
        .places()
        .map((place) => [describePlace(place), place]),
    );
    const sent = form.size > 0 ? form : query;
    const telescope = sent.get("telescope") ?? "";
    const name = sent.get("semester") ?? semesters.find(({ end }) => now < end)?.name ?? "";
    const labels = semesters.map(({ name, start, end }) => {
      const dates = spellDates(start.slice(0, 10), moved(end, -1000).slice(0, 10));
      return [name, /^\d+[A-Z]$/.test(name) ? `${name} (${dates})` : dates];
    });
    return {
      refused,
      props: { telescope, semester: name, telescopes: [...places.keys()], semesters: Object.fromEntries(labels) },
      place: places.get(telescope),
      semester: semesters.find((semester) => semester.name === name),
    };
  };

  /** Reads what is granted, and the selection of a form. @throws UptimeRefused, NotFound */
  const load = async ({ place, semester, refused }: Awaited<ReturnType<typeof choose>>, { form }: Visit) => {
    const site = place && findSite(configdb.get(), place.site);
    if (!site || !semester) throw refused ?? new NotFound("Unknown telescope or semester.");
    const rows = await uptimes.find(place, semester);
    const up = grantedIn(rows, semester);
    const nights = nightsIn(semester, site, up);
    const granted = new Set(
      nights.flatMap(({ halves }) => halves.filter((half) => half.isGranted).map(({ key }) => key)),
    );
    const linesIn = (name: string) => readLines(form.get(name) ?? "", nights, site);
    const imported = form.get("do") === "import" ? linesIn("csv") : undefined;
    const isWrong = imported && imported.errors.length > 0;
    const ticked = imported && !isWrong ? imported.selection : new Set(form.getAll("half"));
    const selections = form.has("shown")
      ? { shown: linesIn("shown").selection, ticked }
      : { shown: granted, ticked: granted };
    const { start, end } = semester;
    const group = { ...place, start, end, uptimes: uptimesBetween(selections.shown, selections.ticked) };
    return {
      site,
      semester,
      rows,
      up,
      nights,
      granted,
      ...selections,
      group,
      csvError: isWrong ? imported.errors.join("\n") : undefined,
    };
  };
  type Loaded = Awaited<ReturnType<typeof load>>;

  const tryOut = async ({ site, semester, rows, up, shown, ticked, group }: Loaded) => {
    const [grant] = await grants.read([group]);
    if (!grant) return undefined;
    const plan = await grants.attempt(grant);
    return {
      isFirst: !isManaged(rows, semester),
      hours: [darkHours(site, up), darkHours(site, upIn(rowsAfter(plan.rows, plan), semester))] as const,
      changes: { Opened: ticked.difference(shown), Closed: shown.difference(ticked) },
      downtimes: {
        "Downtimes added": plan.create,
        "Downtimes edited": plan.change.map(({ to }) => to),
        "Downtimes deleted": plan.remove.map(({ downtime }) => downtime),
      },
    };
  };

  const show = async (visit: Visit, unsaved?: UptimeRefused) => {
    const { caller, frame, csrf, form, query, now } = visit;
    const choice = await choose(visit);
    const refused = unsaved ?? choice.refused;
    const loaded = choice.props.telescope && !choice.refused ? await load(choice, visit) : undefined;
    if (loaded && query.get("format") === "csv") return sendCsv(linesOf(loaded.granted));
    const reason = loaded?.rows.find(({ isOwn }) => isOwn)?.downtime.reason ?? "Outside granted nights";
    const grantsProps = loaded && {
      ...{ ...loaded, csrf, now, zoneOf: frame.zoneOf, isUnsaved: form.size > 0 },
      limit: spellDarkLimit(nameOfDarkLimit(darkLimitOf(loaded.site))),
      reason: form.get("reason") ?? reason,
      csv: loaded.csvError ? (form.get("csv") ?? "") : "",
      outcome: await tryOut(loaded),
    };
    const notice = refused ? { notice: refused.detail } : {};
    return sendPage(
      <GrantedNightsPage {...frame} {...notice} {...choice.props} grants={grantsProps} />,
      caller.request,
      refused || loaded?.csvError ? 422 : 200,
    );
  };

  const save = async (visit: Visit) => {
    const { form, author } = visit;
    const { group } = await load(await choose(visit), visit);
    if (form.get("do") !== "save") return show(visit);
    const read = await grants.read([{ ...group, reason: form.get("reason") }]).catch(tolerating(UptimeRefused));
    if (read instanceof UptimeRefused) return show(visit, read);
    for (const grant of read) await grants.store(grant, author);
    return undefined;
  };

  const preview = async (visit: Visit) => {
    const outcome = await tryOut(await load(await choose(visit), visit));
    return sendPage(<Preview outcome={outcome} zoneOf={visit.frame.zoneOf} />, visit.caller.request);
  };

  return createRoutes("granted-nights")
    .get(
      path,
      page(services, (visit) => show(visit)),
    )
    .post(
      path,
      action(services, save, (visit) => show(visit)),
    )
    .post(`${path}/preview`, action(services, preview));
}

const sendCsv = (lines: readonly string[]) =>
  new Response(["date,portion", ...lines, ""].join("\n"), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="granted-nights.csv"',
      "cache-control": "no-store",
    },
  });
