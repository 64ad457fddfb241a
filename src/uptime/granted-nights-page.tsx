/** @jsxImportSource @kitajs/html */
/** `/admin/granted-nights`: the nights of a semester on which a telescope is up, to tick, to import and to export. */

import { action } from "../account/staff-form.tsx";
import { page, type StaffPageServices, type Visit } from "../account/staff-page.ts";
import { describePlace } from "../downtime/downtime.ts";
import { CollapsibleList } from "../downtime/fields-view.tsx";
import { findSite } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { NotFound, tolerating } from "../input/problem.ts";
import { counted } from "../input/text.ts";
import { darkLimitOf, nameOfDarkLimit, spellDarkLimit } from "../sky/dark-limit.ts";
import { dayMillis, moved } from "../time/instant.ts";
import { spellDates } from "../time/zone.ts";
import { SelectField } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import { sendPage, type ZoneOf } from "../ui/page-context.ts";
import { Conflicts, describeDone } from "./grant-view.tsx";
import { darkHours, linesOf, nightsIn, readLines, type Selection, uptimesBetween } from "./granted-nights.ts";
import { GrantForm, path } from "./granted-nights-view.tsx";
import { createGrants, type GrantServices, type Semester, UptimeRefused } from "./grants.ts";
import { grantedIn, isManaged, rowsAfter, upIn } from "./uptime.ts";

/** Those of Las Cumbres Observatory. */
const defaultSemesters = ["02-01", "08-01"];
const yearMillis = 366 * dayMillis;
const labelOf = ({ name, start, end }: Semester) =>
  `${name} (${spellDates(start.slice(0, 10), moved(end, -1000).slice(0, 10))})`;

export function grantedNightsRoutes(all: StaffPageServices & GrantServices) {
  const services = { ...all, audience: "staff" as const };
  const { configdb, uptimes, findSemesters } = services;
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
      ...{ places, refused, query: new URLSearchParams({ telescope, semester: name }) },
      place: places.find((place) => describePlace(place) === telescope),
      semester: semesters.find((semester) => semester.name === name),
      labels: new Map(semesters.map((semester) => [semester.name, labelOf(semester)])),
    };
  };
  type Choice = Awaited<ReturnType<typeof choose>>;

  /** Reads what is granted, and the selection of a form. @throws UptimeRefused, NotFound */
  const load = async ({ place, semester, refused }: Choice, { form }: Visit) => {
    const site = place && findSite(configdb.get(), place.site);
    if (!site || !semester) throw refused ?? new NotFound("Unknown telescope or semester.");
    const rows = await uptimes.find(place, semester);
    const up = grantedIn(rows, semester);
    const nights = nightsIn(semester, site, up, rows);
    const halves = nights.flatMap((night) => night.halves);
    const granted: Selection = new Set(halves.filter(({ isGranted }) => isGranted).map(({ key }) => key));
    const read = (name: string) => readLines(form.get(name) ?? "", nights, site);
    const csv = form.get("do") === "import" ? read("csv") : { selection: new Set(form.getAll("half")), errors: [] };
    const sent = csv.errors.length > 0 ? new Set(form.getAll("half")) : csv.selection;
    const [shown, ticked] = form.has("shown") ? [read("shown").selection, sent] : [granted, granted];
    const asked = halves.filter(({ key }) => ticked.has(key) && !shown.has(key));
    const wanted = ticked.difference(new Set(asked.filter(({ isBlocked }) => isBlocked).map(({ key }) => key)));
    const [opened, closed] = [wanted.difference(shown), shown.difference(wanted)];
    const done = `${opened.size},${closed.size}`;
    const group = { ...place, start: semester.start, end: semester.end, uptimes: uptimesBetween(shown, wanted) };
    const changes = { asked, opened, closed, done, group };
    return { site, semester, rows, up, nights, granted, shown, ticked, csvError: csv.errors.join("\n"), ...changes };
  };
  type Loaded = Awaited<ReturnType<typeof load>>;

  /** Tries what a save would do. */
  const renderPreview = async ({ site, semester, up, asked, opened, closed, done, group }: Loaded, zoneOf: ZoneOf) => {
    const [grant] = await grants.read([group]);
    if (!grant && asked.length === 0) return <p class="muted">No changes.</p>;
    if (!grant)
      return (
        <section class="preview" aria-label="Preview">
          <Conflicts asked={asked} cuts={[]} zone={zoneOf(site.code)} />
        </section>
      );
    const { rows, ...plan } = await grants.attempt(grant);
    const hours = [up, upIn(rowsAfter(rows, plan), semester)].map((times) => darkHours(site, times).toFixed(1));
    const nights = Object.entries({ Opened: opened, Closed: closed });
    const cuts = rows.filter(({ isOwn }) => !isOwn).map((row) => ({ row, left: plan.wanted.get(row) ?? [] }));
    const changed = plan.change.map(({ to }) => to);
    return (
      <section class="preview" aria-label="Preview">
        {isManaged(rows, semester) ? null : (
          <p class="message warning">The first grant closes the rest of the semester.</p>
        )}
        <p safe>{describeDone(done, grant.place)}</p>
        <Conflicts asked={asked} cuts={cuts} zone={zoneOf(site.code)} />
        <p safe>{`Dark hours: ${hours.join(" → ")}`}</p>
        {nights.map(([title, selection]) => (
          <details hidden={selection.size === 0}>
            <summary safe>{`${title}: ${counted(selection.size / 2, "night")}`}</summary>
            <p safe>{linesOf(selection).join(" · ").replaceAll(",all", "").replaceAll(/[,_]/g, " ")}</p>
          </details>
        ))}
        <CollapsibleList title="Downtimes added" drafts={plan.create} zoneOf={zoneOf} />
        <CollapsibleList title="Downtimes edited" drafts={changed} zoneOf={zoneOf} />
        <CollapsibleList title="Downtimes deleted" drafts={plan.remove.map((row) => row.downtime)} zoneOf={zoneOf} />
      </section>
    );
  };

  const show = async (visit: Visit, unsaved?: UptimeRefused) => {
    const { caller, frame, form, csrf, now } = visit;
    const choice = await choose(visit);
    const { places, place, labels, query } = choice;
    const done = visit.query.get("done") ?? "";
    const refused = unsaved ?? choice.refused;
    const loaded = query.get("telescope") && !choice.refused ? await load(choice, visit) : undefined;
    if (loaded && visit.query.get("format") === "csv") return sendCsv(linesOf(loaded.granted));
    const props = loaded && {
      ...{ ...loaded, query, form, csrf, now },
      reason: loaded.rows.find(({ isOwn }) => isOwn)?.downtime.reason ?? "Outside granted nights",
      safePreview: await renderPreview(loaded, frame.zoneOf),
    };
    const title = ["Granted nights", ...(loaded ? query.values() : [])].join(", ");
    const limit = loaded && spellDarkLimit(nameOfDarkLimit(darkLimitOf(loaded.site)));
    const field = (name: string) => ({ name, value: query.get(name) ?? "" });
    return sendPage(
      <Layout {...frame} {...(refused && { notice: refused.detail })} title={title}>
        <h1 safe>{title}</h1>
        {frame.safeToast && place && /^\d+,\d+$/.test(done) ? (
          <p class="message" role="status" safe>
            {describeDone(done, place)}
          </p>
        ) : null}
        <p>Select the nights on which the telescope is available. It is closed for the rest of the semester.</p>
        {limit ? <p safe>{`Hours are dark hours, limit of dark: ${limit}.`}</p> : null}
        <form class="search" action={path}>
          <SelectField {...field("telescope")} label="Telescope" options={places.map(describePlace)} empty="Select…" />
          <SelectField
            {...field("semester")}
            label="Semester"
            options={[...labels.keys()]}
            nameOf={(name) => labels.get(name) ?? name}
          />
          <button type="submit">Show</button>
        </form>
        {props ? <GrantForm {...props} /> : null}
        <script src={frame.assets["nights.js"]} defer></script>
      </Layout>,
      caller.request,
      refused || loaded?.csvError ? 422 : 200,
    );
  };

  const save = async (visit: Visit) => {
    const { form, author } = visit;
    const { group, asked, done } = await load(await choose(visit), visit);
    const isBlocked = asked.length > 0 && group.uptimes.length === 0;
    if (form.get("do") !== "save" || isBlocked) return show(visit);
    const read = await grants.read([{ ...group, reason: form.get("reason") }]).catch(tolerating(UptimeRefused));
    if (read instanceof UptimeRefused) return show(visit, read);
    for (const grant of read) await grants.store(grant, author);
    // The page that follows says what was done in nights, beside the message that counts downtimes.
    if (read.length > 0) form.set("next", `${form.get("next") ?? path}&done=${done}`);
    return undefined;
  };

  const preview = async (visit: Visit) =>
    sendPage(await renderPreview(await load(await choose(visit), visit), visit.frame.zoneOf), visit.caller.request);

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
