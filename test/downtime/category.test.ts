import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { categories } from "../../src/downtime/downtime.ts";
import { openForms } from "../forms.ts";
import { draft, engines, posting, type Service, startService } from "../harness.ts";

interface Shown {
  readonly id: number;
  readonly category?: string;
}

for (const engine of engines)
  describe(`the category of a downtime on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    beforeAll(async () => {
      service = await startService({ engine });
      ada = await openForms(service, "ada");
    });
    afterAll(() => service.stop());

    let minutes = 0;
    /** Creates one that starts when no other does. */
    const create = async (category?: unknown) => {
      const start = `2026-11-23T08:${String(minutes++).padStart(2, "0")}:00Z`;
      return service.ask<Shown>("/api/", posting({ ...draft, start, ...(category !== undefined && { category }) }));
    };
    const edit = (id: number, body: object) => service.ask<Shown>(`/api/${id}/`, { ...posting(body), method: "PATCH" });
    const ids = async (query: string) =>
      (await service.ask<{ results: Shown[] }>(`/api/?${query}`)).body.results.map(({ id }) => id);

    for (const category of categories)
      test(`may be ${category}`, async () => {
        const { status, body } = await create(category);
        expect([status, body.category]).toEqual([201, category]);
        expect((await service.ask<Shown>(`/api/${body.id}/`)).body).toEqual(body);
        expect(await ids(`category=${category}`)).toEqual([body.id]);
      });

    for (const none of [undefined, "", null])
      test(`is absent where ${JSON.stringify(none)} is sent`, async () => {
        const { status, body } = await create(none);
        expect([status, Object.keys(body)]).toEqual([201, expect.not.arrayContaining(["category"])]);
        const list = await service.ask<{ results: Shown[] }>("/api/?order=-created&limit=1");
        expect(list.body.results).toEqual([body]);
      });

    for (const wrong of ["holiday", "Weather", "weather,fault", 7, ["weather"], {}, true])
      test(`is refused when it is ${JSON.stringify(wrong)}`, async () => {
        const { status, body } = await create(wrong);
        expect([status, Object.keys(body)]).toEqual([400, ["category"]]);
      });

    for (const none of ["", null])
      test(`is cleared by PATCH with ${JSON.stringify(none)}, and stays where PATCH doesn't name it`, async () => {
        const { body } = await create("fault");
        expect((await edit(body.id, { reason: "Other" })).body).toMatchObject({ category: "fault" });
        expect((await edit(body.id, { category: none })).body).not.toHaveProperty("category");
        expect((await service.ask<Shown>(`/api/${body.id}/`)).body).not.toHaveProperty("category");
      });

    test("that is unknown is rejected by PATCH, and nothing changes", async () => {
      const { body } = await create("fault");
      const { status, body: errors } = await edit(body.id, { category: "holiday" });
      expect([status, errors as object]).toEqual([400, { category: ['"holiday" is not a valid choice.'] }]);
      expect((await service.ask<Shown>(`/api/${body.id}/`)).body.category).toBe("fault");
    });

    test("filters lists by any of several, and refuses others", async () => {
      const [fault, weather, none] = [await create("fault"), await create("weather"), await create()];
      const found = await ids("category=fault&category=weather&limit=100");
      expect(found).toContain(fault.body.id);
      expect(found).toContain(weather.body.id);
      expect(found).not.toContain(none.body.id);
      expect((await ids(`category=weather&ends_after=2026-11-23T00:00:00Z`)).includes(weather.body.id)).toBe(true);
      const { status, body } = await service.ask("/api/?category=holiday");
      expect([status, body as object]).toEqual([
        400,
        { category: ["Select a valid choice. holiday is not one of the available choices."] },
      ]);
    });

    test("sorts lists", async () => {
      const { results } = (await service.ask<{ results: Shown[] }>("/api/?ordering=category")).body;
      const found = results.map(({ category = "" }) => category);
      expect(found).toEqual(found.toSorted());
    });

    test("is selected in the form, shown on the pages and kept in the history", async () => {
      const form = { ...draft, start: "2026-11-24 08:00", end: "1 h", category: "engineering" };
      await ada.post("/admin/downtimes/new", form);
      const [id = 0] = await ids("start=2026-11-24T08:00:00Z&category=engineering");
      expect((await service.ask<Shown>(`/api/${id}/`)).body.category).toBe("engineering");
      expect((await ada.get(`/downtimes/${id}`)).html).toContain("<dt>Category</dt><dd>engineering</dd>");
      expect((await ada.get(`/admin/downtimes/${id}/change`)).html).toContain(
        '<option value="engineering" selected>engineering</option>',
      );
      await ada.post(`/admin/downtimes/${id}/change`, { ...form, category: "", id: String(id), version: "1" });
      expect((await service.ask<Shown>(`/api/${id}/`)).body).not.toHaveProperty("category");
      expect((await ada.get(`/downtimes/${id}`)).html).toMatch(/<del>(<[^>]+>)*engineering<\//);
      const wrong = await ada.post("/admin/downtimes/new", { ...form, start: "2026-11-24 09:00", category: "holiday" });
      expect(wrong.status).toBe(422);
      expect(wrong.html).toContain('id="category-error"');
    });

    test("distinguishes otherwise identical downtimes", async () => {
      const { body } = await service.ask<Shown>("/api/", posting({ ...draft, category: "fault" }));
      const same = { ...(await service.services.downtimes.getStored(body.id)).downtime };
      const { category: _, ...other } = same;
      expect((await service.services.downtimes.findSame(same))?.id).toBe(body.id);
      expect(await service.services.downtimes.findSame(other)).toBeUndefined();
    });

    test("is one of a calendar entry's, and a calendar's filter", async () => {
      const { body } = await create("closure");
      const calendar = await (await service.send("/calendar.ics?category=closure")).text();
      expect(calendar).toContain(`UID:downtime-${body.id}@`);
      expect(calendar).toContain("CATEGORIES:ogg,2m0a,closure");
      expect(calendar).not.toContain("fault");
    });

    test("filters a report", async () => {
      const day = {
        ...draft,
        telescope: "0m4b",
        site: "ogg",
        start: "2026-12-01T08:00:00Z",
        end: "2026-12-01T10:00:00Z",
      };
      await service.ask("/api/", posting({ ...day, category: "weather", reason: "Storm" }));
      await service.ask("/api/", posting({ ...day, start: day.end, end: "2026-12-01T11:00:00Z", reason: "Storm" }));
      const span = "/api/report/?start=2026-12-01&end=2026-12-02&site=ogg&telescope=0m4b";
      interface Report {
        readonly telescopes: readonly { readonly categories: readonly { category: string; seconds_lost: number }[] }[];
      }
      const categoriesOf = async (query: string) =>
        (await service.ask<Report>(`${span}${query}`)).body.telescopes[0]?.categories.map(
          ({ category, seconds_lost }) => [category, seconds_lost],
        );
      expect(await categoriesOf("")).toEqual([
        ["weather", 7200],
        ["", 3600],
      ]);
      expect(await categoriesOf("&category=weather")).toEqual([["weather", 7200]]);
      const page = await (await service.send("/report?start=2026-12-01&end=2026-12-02&site=ogg&telescope=0m4b")).text();
      expect(page).toContain("Dark hours lost by category");
    });

    test("of a series is each of its occurrences', and is edited and cleared with it", async () => {
      const plan = {
        reason: "School",
        category: "education",
        scopes: [{ site: "ogg", telescope: "2m0a" }],
        rule: {
          kind: "calendar",
          zone: "Pacific/Honolulu",
          start: "2027-02-01T20:00:00",
          minutes: 60,
          rrule: "FREQ=DAILY;COUNT=3",
        },
      };
      interface Outcome {
        readonly series: { readonly id: number; readonly category?: string };
        readonly occurrences: readonly Shown[];
      }
      const dryRun = await service.ask<Outcome>("/api/series/?dry_run=1", posting(plan));
      expect(dryRun.body.occurrences.map(({ category }) => category)).toEqual(Array(3).fill("education"));
      const { series } = (await service.ask<Outcome>("/api/series/", posting(plan))).body;
      expect(series.category).toBe("education");
      const occurrences = async () =>
        (await service.ask<{ results: Shown[] }>(`/api/?series=${series.id}`)).body.results.map((one) => one.category);
      expect(await occurrences()).toEqual(Array(3).fill("education"));
      const change = async (category: unknown) =>
        service.ask<Outcome>(`/api/series/${series.id}/`, { ...posting({ category }), method: "PATCH" });
      expect((await change("engineering")).body.series.category).toBe("engineering");
      expect(await occurrences()).toEqual(Array(3).fill("engineering"));
      expect((await ada.get(`/series/${series.id}`)).html).toContain("<dt>Category</dt><dd>engineering</dd>");
      const { status, body } = await change("holiday");
      expect([status, Object.keys(body)]).toEqual([400, ["category"]]);
      expect((await change(null)).body.series).not.toHaveProperty("category");
      expect(await occurrences()).toEqual(Array(3).fill(undefined));
      const bare = await service.ask<object>(`/api/series/${series.id}/`);
      expect(bare.body).not.toHaveProperty("category");
    });

    test("of a closure is closure by default", async () => {
      await ada.post("/admin/now", { telescope: "coj doma 1m0a", until: "open", reason: "" });
      const [{ id } = expect.unreachable()] = (await service.ask<{ results: Shown[] }>("/api/?ordering=-id")).body
        .results;
      expect((await service.ask<Shown>(`/api/${id}/`)).body.category).toBe("closure");
    });
  });
