import { describe, expect, test } from "bun:test";
import { describeChanges, itemOf, kinds, render, tryTemplate } from "../../src/notify/message.ts";
import type { Instant } from "../../src/time/instant.ts";
import { draft } from "../harness.ts";

const hostile = `", "channel": "#other", "x": "\\ <!channel> <https://evil.example|click> @all **bold** [a](b)\n{{secret}}`;
const at = "2026-11-22T12:00:00Z" as Instant;
const times = { start: at, end: "2026-11-22T13:00:00Z" as Instant, created: at, modified: at };
const item = itemOf({ ...draft, ...times, id: 7, reason: hostile }, "created");
const message = describeChanges({ by: "ada", at, change_set: 3 }, [item], { created: 1 });

describe("a hostile reason", () => {
  test("adds no field to JSON, with and without a template", () => {
    for (const kind of kinds.filter((kind) => kind !== "email")) {
      const template = '{"text": "{{text}}", "all": [{{#downtimes}}"{{reason}}"{{/downtimes}}]}';
      expect(Object.keys(JSON.parse(render(kind, template, message, "")))).toEqual(["text", "all"]);
      expect(JSON.parse(render(kind, "", message, ""))).not.toHaveProperty("channel");
    }
    expect(JSON.parse(render("webhook", "", message, "")).downtimes[0].reason).toBe(hostile);
  });

  test("mentions nobody and formats nothing in Slack and Mattermost", () => {
    const slack = JSON.parse(render("slack", "", message, "")).text;
    expect(slack).toContain("&lt;!channel&gt;");
    expect(slack).not.toMatch(/[<>]/);
    const mattermost = JSON.parse(render("mattermost", "", message, "")).text;
    expect(mattermost).not.toMatch(/@all|(?<!\\)[*[\]#]/);
  });
});

test("a template is refused if it leaves out the escaping, misspells a name or makes no JSON", () => {
  for (const template of [
    "{{{reason}}}",
    "{{&reason}}",
    "{{>part}}",
    "{{=<% %>=}}",
    "{{resaon}}",
    "{{constructor}}",
    "{{#downtimes}}",
  ])
    expect([template, tryTemplate("email", template).error]).toEqual([template, expect.any(String)]);
  expect(tryTemplate("webhook", "{{text}}").error).toBe("The result isn't JSON.");
  expect(tryTemplate("email", "{{#downtimes}}{{place}}{{/downtimes}}{{! a comment }}{{^more}}.{{/more}}").text).toBe(
    "sud · doma · 1m0a.",
  );
});
