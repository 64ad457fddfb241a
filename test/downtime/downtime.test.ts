import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkDraft, describePlace } from "../../src/downtime/downtime.ts";
import { Invalid } from "../../src/input/problem.ts";
import { draft, facility } from "../harness.ts";

const errorsOf = (fields: Record<string, unknown>) => {
  try {
    checkDraft(fields, facility);
  } catch (error) {
    if (error instanceof Invalid) return error.errors;
    throw error;
  }
  return undefined;
};

const wrongFormat =
  "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";

describe("a draft", () => {
  test("that is valid is accepted, with its texts trimmed and its times in UTC", () => {
    const checked = checkDraft(
      { ...draft, start: "2026-11-23T18:00:00+10:00", site: " ogg ", reason: "  Mirror wash\n" },
      facility,
    );
    expect<Record<string, unknown>>(checked).toEqual(draft);
  });

  test("needs neither a reason nor an instrument type", () => {
    const { reason, instrument_type, ...rest } = draft;
    expect<Record<string, unknown>>(checkDraft(rest, facility)).toEqual({ ...draft, reason: "", instrument_type: "" });
  });

  test("ignores read-only fields", () => {
    expect<Record<string, unknown>>(checkDraft({ ...draft, id: 7, created: "x", __proto__: null }, facility)).toEqual(
      draft,
    );
  });

  test("with several invalid fields gets an error for each", () => {
    expect(errorsOf({ start: "yesterday", end: null, enclosure: "nop", telescope: true, reason: ["x"] })).toEqual({
      start: [wrongFormat],
      end: ["This field may not be null."],
      site: ["This field is required."],
      enclosure: ['"nop" is not a valid choice.'],
      telescope: ["Not a valid string."],
      reason: ["Not a valid string."],
    });
  });

  test("may have a number for a text", () => {
    expect(checkDraft({ ...draft, reason: 8812345 }, facility).reason).toBe("8812345");
    expect(errorsOf({ ...draft, site: 5 })).toEqual({ site: ['"5" is not a valid choice.'] });
  });

  test("may not have a number for a time", () => {
    expect(errorsOf({ ...draft, start: 1763798400 })).toEqual({ start: [wrongFormat] });
  });

  test("must end at least a second after it starts", () => {
    const broken = { non_field_errors: ["End time must be after start time"] };
    expect(errorsOf({ ...draft, end: draft.start })).toEqual(broken);
    expect(errorsOf({ ...draft, end: "2026-11-23T07:59:59Z" })).toEqual(broken);
    expect(errorsOf({ ...draft, end: "2026-11-23T08:00:00.9Z" })).toEqual(broken);
    expect(errorsOf({ ...draft, end: "2026-11-23T08:00:01Z" })).toBeUndefined();
  });

  test("must name an existing telescope, and an instrument type that it has", () => {
    const broken = {
      non_field_errors: ["The site, enclosure, telescope, and instrument_type combination does not exist in Configdb"],
    };
    expect(errorsOf({ ...draft, enclosure: "doma" })).toEqual(broken);
    expect(errorsOf({ ...draft, telescope: "0m4b", instrument_type: "2M0-SCICAM-MUSCAT" })).toEqual(broken);
    expect(errorsOf({ ...draft, instrument_type: "2M0-SCICAM-MUSCAT" })).toBeUndefined();
    expect(errorsOf({ ...draft, instrument_type: "2m0-scicam-muscat" })).toEqual({
      instrument_type: ['"2m0-scicam-muscat" is not a valid choice.'],
    });
  });

  test("may have a reason of 3,000 characters, regardless of bytes", () => {
    expect(checkDraft({ ...draft, reason: "🔭".repeat(3000) }, facility).reason).toHaveLength(6000);
    expect(errorsOf({ ...draft, reason: "x".repeat(3001) })).toEqual({
      reason: ["Ensure this field has no more than 3000 characters."],
    });
    expect(errorsOf({ ...draft, reason: ` ${"x".repeat(3000)} ` })).toBeUndefined();
  });

  test("may not contain characters that a database can't store", () => {
    expect(errorsOf({ ...draft, reason: "a\0b" })).toEqual({ reason: ["Null characters are not allowed."] });
    expect(errorsOf({ ...draft, reason: "a\ud800b" })).toEqual({
      reason: ["Surrogate characters are not allowed: U+D800."],
    });
  });

  test("of any shape is either accepted or rejected with a reason", () => {
    const anything = fc.record(
      Object.fromEntries(Object.keys(draft).map((field) => [field, fc.oneof(fc.anything(), fc.string())])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anything, (fields) => {
        const errors = errorsOf(fields);
        if (errors) for (const texts of Object.values(errors)) expect(texts[0]?.length).toBeGreaterThan(0);
      }),
    );
  });
});

test("a place is described from the site to the instrument type, if there is one", () => {
  expect(describePlace({ site: "ogg", enclosure: "clma", telescope: "2m0a", instrument_type: "" })).toBe(
    "ogg · clma · 2m0a",
  );
});
