import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { filterFields, orderingFields } from "../../src/downtime/filter.ts";
import { as, engines, posting, type Service, startService } from "../harness.ts";
import { isWhole } from "../sample.ts";

/** Characters that engines and languages see differently: case, accents, patterns, quotes, white space, order. */
const characters = [..."aAbBzZ ÜüÏïßẞİıſKςσΣждЖД%_\\'\"`;$?1😀ｱé́\t\n\u00a0\u200b\u0000\ud83d&+#"];
const text = fc.string({ unit: fc.constantFrom(...characters), maxLength: 12 });
const words = fc.oneof(
  text,
  fc.constantFrom("ÜNÏ", "жд", "İ", "ß", "SS", "%", "_", "\\", "a".repeat(3000), "ß".repeat(3001)),
);

const pad = (value: number, length = 2) => String(value).padStart(length, "0");
const instant = fc
  .record({
    year: fc.constantFrom(1, 99, 1969, 1970, 2026, 2027, 9999),
    month: fc.integer({ min: 1, max: 13 }),
    day: fc.integer({ min: 1, max: 31 }),
    hour: fc.integer({ min: 0, max: 23 }),
    tail: fc.constantFrom(":00:00Z", ":30", ":59:59.999999Z", ":00:00+02:00", ":00:00-11:30", ":00Z"),
    gap: fc.constantFrom("T", " "),
  })
  .map(({ year, month, day, hour, tail, gap }) => `${pad(year, 4)}-${pad(month)}-${pad(day)}${gap}${pad(hour)}${tail}`);

const place = fc.constantFrom(
  { site: "ogg", enclosure: "clma", telescope: "2m0a" },
  { site: "ogg", enclosure: "clma", telescope: "0m4a" },
  { site: "OGG", enclosure: "clma", telescope: "2m0a" },
);
const body = fc
  .record({
    place,
    start: instant,
    end: instant,
    reason: words,
    category: fc.constantFrom("fault", "weather", "", null),
  })
  .map(({ place, ...rest }) => ({ ...place, ...rest }));

const orders = orderingFields.flatMap((name) => [name, `-${name}`]);
const valuesOf = (field: string) => {
  if (/_(after|before)$/.test(field)) return fc.oneof(instant, fc.constantFrom("", "2026-11-22", "11/22/2026"));
  if (field.startsWith("reason")) return words;
  if (field === "category") return fc.constantFrom("fault", "weather", "", "Fault");
  return fc.constantFrom("ogg", "clma", "2m0a", "0m4a", "", "OGG", "nop");
};
const parameter = fc.oneof(
  ...filterFields.map((field) => fc.tuple(fc.constant(field as string), valuesOf(field))),
  fc.tuple(fc.constantFrom("order", "ordering"), fc.constantFrom(...orders, "-start,end", "end,-created", "")),
  fc.tuple(fc.constant("limit"), fc.constantFrom("0", "1", "3", "1000", "-1", "x", "9007199254740993")),
  fc.tuple(fc.constant("offset"), fc.constantFrom("0", "1", "5", "99999999999999999999", "-1")),
);
const parameters = fc.array(parameter, { maxLength: 3 });

type Step =
  | { readonly kind: "create"; readonly body: unknown }
  | { readonly kind: "remove" | "show"; readonly id: number }
  | { readonly kind: "list"; readonly query: string };
const id = fc.integer({ min: -1, max: 60 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: body.map((body) => ({ kind: "create" as const, body })) },
  { weight: 1, arbitrary: id.map((id) => ({ kind: "remove" as const, id })) },
  { weight: 1, arbitrary: id.map((id) => ({ kind: "show" as const, id })) },
  {
    weight: 8,
    arbitrary: parameters.map((pairs) => ({ kind: "list" as const, query: `${new URLSearchParams(pairs)}` })),
  },
);

/** The whole answer: the status, the headers that a program reads, and the bytes. */
async function answerOf(service: Service, step: Step): Promise<string> {
  const response =
    step.kind === "create"
      ? await service.send("/api/", posting(step.body))
      : step.kind === "list"
        ? await service.send(`/api/?${step.query}`)
        : await service.send(
            `/api/${step.id}/`,
            step.kind === "remove" ? { method: "DELETE", headers: as("ada") } : {},
          );
  const headers = ["content-type", "link", "allow", "retry-after"].map((name) => response.headers.get(name));
  return [response.status, ...headers, await response.text()].join("\n").replaceAll(service.url, "");
}

describe.if(engines.length > 1)("both engines", () => {
  const services: Service[] = [];
  let compared = 0;
  beforeAll(async () => {
    for (const engine of engines) services.push(await startService({ engine }));
  });
  afterAll(async () => {
    for (const service of services) await service.stop();
    console.log(`${compared} answers of both engines compared`);
  });

  const compare = async (steps: readonly Step[]) => {
    for (const step of steps) {
      // Many rows are stored at the same moment, and some a little later.
      for (const { clock } of services) if (step.kind === "create") clock.forward(compared % 3);
      const [one, other] = await Promise.all(services.map((service) => answerOf(service, step)));
      expect(other).toBe(one as string);
      compared += 1;
    }
  };

  test("give the same response, byte for byte, to any request", async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), compare), {
      numRuns: isWhole ? 200 : 60,
      endOnFailure: true,
    });
  });

  test("reject usernames that no database can store", async () => {
    for (const name of ["a\u0000b", "x".repeat(9000), "Ü\ufffd😀", ""]) {
      const authorization = `Basic ${Buffer.from(`${name}:words`).toString("base64")}`;
      const asked = services.map((service) => service.ask("/api/", { headers: { authorization } }));
      const [one, other] = await Promise.all(asked);
      expect(one?.status).toBe(401);
      expect(other).toEqual(one as NonNullable<typeof one>);
    }
  });

  test("find a reason ignoring case, in every script, and take % and _ literally", async () => {
    const reasons = [
      "grün ÜNÏ x",
      "Подъезд ЖД",
      "İstanbul",
      "istanbul",
      "Straße",
      "STRASSE",
      "100 %",
      "a_b",
      "back\\slash",
    ];
    for (const reason of reasons) await compare([{ kind: "create", body: { ...body0, reason } }]);
    const found = async (words: string) => {
      const query = `${new URLSearchParams({ reason: words, starts_after: body0.start, starts_before: body0.start })}`;
      await compare([{ kind: "list", query }]);
      const answer = await services[1]?.ask<{ results: { reason: string }[] }>(`/api/?${query}`);
      return answer?.body.results.map(({ reason }) => reason);
    };
    expect(await found("ünï")).toEqual(["grün ÜNÏ x"]);
    expect(await found("жд")).toEqual(["Подъезд ЖД"]);
    expect(await found("İST")).toEqual(["İstanbul"]);
    expect(await found("ISTAN")).toEqual(["istanbul"]);
    expect(await found("ß")).toEqual(["Straße", "STRASSE"]);
    expect(await found("straSSe")).toEqual(["Straße", "STRASSE"]);
    expect(await found("%")).toEqual(["100 %"]);
    expect(await found("_")).toEqual(["a_b"]);
    expect(await found("K\\S")).toEqual(["back\\slash"]);
  });
});

const body0 = {
  site: "ogg",
  enclosure: "clma",
  telescope: "2m0a",
  start: "2031-05-06T07:08:09Z",
  end: "2031-05-07T07:08:09Z",
};
