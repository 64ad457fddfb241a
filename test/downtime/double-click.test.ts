import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openForms } from "../forms.ts";
import { draft, engines, type Service, startService } from "../harness.ts";

const entry = { ...draft, start: "2026-11-23 08:00", end: "90 min" };
const telescope = "ogg clma 2m0a";
const plan = {
  site: "ogg",
  reason: "RTI",
  repeat: "night",
  "rule.night.first": "2026-12-01",
  "rule.night.last": "2026-12-05",
  "rule.night.from.event": "astronomical_dusk",
  "rule.night.minutes": "30 min",
};

/** The hidden fields of the form on a page whose tag has some text in it. */
function hiddenIn(html: string, tag: string): Record<string, string> {
  const form = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].find(([text]) =>
    text.slice(0, text.indexOf(">")).includes(tag),
  )?.[0];
  const hidden = [...(form ?? "").matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  return Object.fromEntries(hidden.map(([, name = "", value = ""]) => [name, value]));
}

interface Click {
  /** The page with the form, and what its tag has in it. */
  readonly page: string;
  readonly tag: string;
  /** Where the form is sent; undefined: to its page. */
  readonly to?: string;
  readonly fields?: Record<string, string>;
}

for (const engine of engines)
  describe(`a double click on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    beforeAll(async () => {
      service = await startService({ engine });
      ada = await openForms(service, "ada");
    });
    afterAll(() => service.stop());
    const all = async () =>
      (await service.ask<{ results: { id: number; end: string; series?: number }[] }>("/api/")).body.results;
    const author = () => ({ by: "ada", at: service.clock() });
    beforeEach(async () => {
      for (const { id } of (await service.services.series.list({ limit: 100, offset: 0 })).results)
        await service.services.series.end(id, author(), { begun: true });
      for (const { id } of await all()) await service.services.downtimes.remove(id, author());
    });

    const changes = async () => {
      const read = async (since: string): Promise<number> => {
        const { body } = await service.ask<{ next: string; more: boolean; results: unknown[] }>(
          `/api/changes/?since=${since}`,
        );
        return body.results.length + (body.more ? await read(body.next) : 0);
      };
      return read("");
    };
    const open = async ({ page, tag, to = page, fields = {} }: Click) => {
      const hidden = hiddenIn((await ada.get(page)).html, tag);
      expect(hidden.once).toBeDefined();
      return () => ada.post(to, { ...hidden, ...fields });
    };

    const runs = { ...draft, start: "2026-11-22T10:00:00Z", end: "2026-11-23T10:00:00Z" };
    const addSeries = async () => {
      const location = (await ada.post("/admin/series/new", plan)).location ?? "";
      return Number(/^\/series\/(\d+)/.exec(location)?.[1]);
    };
    /** For each button: what there must be, and how it is pressed. */
    const clicks: Record<string, () => Promise<Click>> = {
      "Save with fixed times": async () => ({ page: "/admin/downtimes/new", tag: 'id="form"', fields: entry }),
      "Save with now": async () => ({
        page: "/admin/downtimes/new",
        tag: 'id="form"',
        fields: { ...entry, start: "now" },
      }),
      "Save and add another": async () => ({
        page: "/admin/downtimes/new",
        tag: 'id="form"',
        fields: { ...entry, start: "now", another: "yes" },
      }),
      "Save of a changed one": async () => {
        const { id } = await service.add();
        const page = `/admin/downtimes/${id}/change`;
        return { page, tag: 'id="form"', fields: { ...entry, reason: "Changed" } };
      },
      "Close now": async () => ({
        page: "/admin/now",
        tag: 'action="/admin/now"',
        fields: { telescope, until: "4h", reason: "Fog" },
      }),
      "End now": async () => {
        const { id } = await service.add(runs);
        return { page: "/admin/downtimes", tag: 'id="row"', to: `/admin/downtimes/${id}/end` };
      },
      "+4 h": async () => {
        const { id } = await service.add(runs);
        return {
          page: `/downtimes/${id}`,
          tag: 'id="row"',
          to: `/admin/downtimes/${id}/extend`,
          fields: { by: "4 h" },
        };
      },
      ...Object.fromEntries(
        Object.entries({
          "+2 h of a closure": ["extend", "by", "2 h"],
          "End of a closure": ["end", "from", "now"],
        }).map(([name, [to = "", field = "", value = ""]]) => [
          name,
          async () => {
            await ada.post("/admin/now", { site: "ogg", until: "4h" });
            const [{ series } = expect.unreachable()] = await all();
            return {
              page: "/admin/now",
              tag: 'id="row"',
              to: `/admin/series/${series}/${to}`,
              fields: { [field]: value },
            };
          },
        ]),
      ),
      Delete: async () => {
        const { id } = await service.add();
        return { page: `/admin/downtimes/delete?id=${id}`, tag: "delete", to: "/admin/downtimes/delete" };
      },
      Restore: async () => {
        const { id } = await service.add();
        await service.services.downtimes.remove(id, author());
        return {
          page: `/downtimes/${id}`,
          tag: 'id="row"',
          to: "/admin/downtimes/restore",
          fields: { id: String(id) },
        };
      },
      "Save of a new series": async () => ({ page: "/admin/series/new", tag: 'id="form"', fields: plan }),
      "Save of a changed series": async () => {
        const page = `/admin/series/${await addSeries()}/change`;
        return { page, tag: 'id="form"', fields: { ...plan, reason: "Changed" } };
      },
      "End of a series": async () => {
        const page = `/admin/series/${await addSeries()}/end`;
        return { page, tag: 'class="form"', fields: { from: "2026-12-04" } };
      },
      "Delete of a series": async () => ({ page: `/admin/series/${await addSeries()}/delete`, tag: 'class="form"' }),
    };

    for (const [name, prepare] of Object.entries(clicks)) {
      test(`${name} writes once and leads to the same page twice, the second one later`, async () => {
        const press = await open(await prepare());
        const before = await changes();
        const first = await press();
        expect(first.status).toBe(303);
        const written = await changes();
        expect(written).toBeGreaterThan(before);
        const stored = await all();
        service.clock.forward(1300);
        const second = await press();
        expect([second.status, second.location]).toEqual([303, first.location]);
        expect([await changes(), await all()]).toEqual([written, stored]);
      });

      test(`${name} writes once and leads to the same page twice, both at once`, async () => {
        const press = await open(await prepare());
        const answers = await Promise.all([press(), press(), press()]);
        const [first] = answers;
        expect(answers.map(({ status, location }) => [status, location])).toEqual(
          answers.map(() => [303, first?.location ?? ""]),
        );
        const written = await changes();
        await press();
        expect(await changes()).toBe(written);
      });
    }

    test("another button of a page restored by Back is a new action", async () => {
      const hidden = hiddenIn((await ada.get("/admin/now")).html, 'action="/admin/now"');
      await ada.post("/admin/now", { ...hidden, telescope, until: "4h" });
      await ada.post("/admin/now", { ...hidden, telescope: "ogg clma 0m4b", until: "4h" });
      expect(await all()).toHaveLength(2);
    });

    test("the same button of a reloaded page is a new action", async () => {
      const { id } = await service.add(runs);
      for (const end of ["2026-11-23T14:00:00Z", "2026-11-23T18:00:00Z"]) {
        const press = await open({
          page: "/admin/downtimes",
          tag: 'id="row"',
          to: `/admin/downtimes/${id}/extend`,
          fields: { by: "4 h" },
        });
        await press();
        expect((await all())[0]?.end).toBe(end);
      }
    });

    test("a form that was shown again with an error is saved once it is corrected", async () => {
      const page = await ada.get("/admin/downtimes/new");
      const hidden = hiddenIn(page.html, 'id="form"');
      expect((await ada.post("/admin/downtimes/new", { ...hidden, ...entry, end: "" })).status).toBe(422);
      expect((await ada.post("/admin/downtimes/new", { ...hidden, ...entry })).status).toBe(303);
    });
  });
