/** Messages to a channel about a change set, or about a downtime that starts or ends, and their Mustache templates. */

import Mustache from "mustache";
import { type Downtime, describePlace } from "../downtime/downtime.ts";
import { counted, shorten, withoutControls } from "../input/text.ts";
import { inWords } from "../time/duration.ts";
import { type Instant, moved } from "../time/instant.ts";
import { spellWindow } from "../ui/instants.tsx";

/** The events that are due to time alone, in words. */
const timedEventTexts = { started: "started", ended: "ended", soon: "starts soon" };
export type TimedEvent = keyof typeof timedEventTexts;
export const timedEvents = Object.keys(timedEventTexts) as TimedEvent[];
export const eventTexts = { created: "created", edited: "edited", cancelled: "cancelled", ...timedEventTexts };
export const eventNames = Object.keys(eventTexts) as (keyof typeof eventTexts)[];

/** The maximum number of downtimes that a message lists. */
export const maxItems = 20;

export type Item = ReturnType<typeof itemOf>;
/** What a message says of a downtime. @param before its version before the change */
export function itemOf(downtime: Downtime, event: string, before = downtime) {
  const [window, was] = [spellWindow(downtime.start, downtime.end), spellWindow(before.start, before.end)];
  const reason = shorten(downtime.reason, 300);
  return { ...downtime, event, reason, place: describePlace(downtime), window, was: was === window ? "" : was };
}

const lineOf = ({ place, window, was, reason }: Item) =>
  `${place}, ${window}${was && ` (was ${was})`}${reason && `: ${reason}`}`;

export type Message = ReturnType<typeof describeChanges>;
/**
 * The message about what a change set did.
 * @param items the first of the downtimes
 * @param counts event → how many downtimes
 */
export function describeChanges(
  { by, at, change_set }: { readonly by: string; readonly at: Instant; readonly change_set: number | null },
  items: readonly Item[],
  counts: Readonly<Record<string, number>>,
) {
  const names = Object.keys(counts);
  const count = Object.values(counts).reduce((sum, one) => sum + one, 0);
  const more = count - items.length;
  const done = names.map((name) => `${counted(counts[name] ?? 0, "downtime")} ${name}`).join(", ");
  const lines = items.map((one) => `- ${names.length > 1 ? `${one.event}: ` : ""}${lineOf(one)}`);
  const rest = more > 0 ? [`and ${more.toLocaleString("en")} more`] : [];
  const one = count === 1 ? items[0] : undefined;
  return {
    event: names.length === 1 ? `${names[0]}` : "edited",
    title: one ? `Downtime ${one.event}: ${one.place}` : done,
    text: one ? `Downtime ${one.event} by ${by}: ${lineOf(one)}` : [`${done} by ${by}:`, ...lines, ...rest].join("\n"),
    ...{ by, at, change_set: change_set ?? 0 },
    ...{ count, more, downtimes: items },
  };
}

/** The message about a downtime that starts, ends, or starts in some minutes. It has no change set. */
export function describeEvent(event: TimedEvent, downtime: Downtime, minutes: number): Message {
  const item = itemOf(downtime, event);
  const names = { started: "Downtime started", ended: "Downtime ended", soon: `Starts in ${inWords(minutes * 60)}` };
  const texts = { title: `${names[event]}: ${item.place}`, text: `${names[event]}: ${lineOf(item)}` };
  const at = event === "ended" ? downtime.end : downtime.start;
  return { event, ...texts, by: "", at, change_set: 0, count: 1, more: 0, downtimes: [item] };
}

/** A message about no downtime, for tests and previews. */
export function sampleMessage(by: string, now: Instant): Message {
  const times = { start: now, end: moved(now, 3_600_000), created: now, modified: now };
  const place = { site: "sud", enclosure: "doma", telescope: "1m0a", instrument_type: "" };
  const item = itemOf({ id: 1, ...times, ...place, reason: 'Only a test: "Mirror wash"' }, "test");
  return describeChanges({ by, at: now, change_set: 0 }, [item], { test: 1 });
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * Each kind of channel: its name, the default template (a webhook gets all fields), and how values are escaped, so that no
 * reason can inject anything: for JSON; in it Slack's control sequences, or Mattermost's Markdown and mentions; for text.
 */
export const formats = {
  webhook: { name: "Webhook", template: "", escape: inJson },
  slack: {
    name: "Slack",
    template: '{"text": "{{text}}\\n{{link}}"}',
    escape: (text: string) => inJson(text.replace(/[&<>]/g, (sign) => entities[sign] ?? "")),
  },
  mattermost: {
    name: "Mattermost",
    template: '{"username": "Downtime", "text": "{{text}}\\n{{link}}"}',
    escape: (text: string) => inJson(text.replace(/[\\`*_[\]#|~<>!]/g, "\\$&").replaceAll("@", "@\u200b")),
  },
  email: { name: "E-mail", template: "{{text}}\n\n{{link}}\n", escape: withoutControls },
};
export type Kind = keyof typeof formats;
export const kinds = Object.keys(formats) as Kind[];
export const kindOf = (name: unknown): Kind => kinds.find((kind) => kind === name) ?? "webhook";

const sample = sampleMessage("ada", "2027-01-15T08:45:00Z" as Instant);
/** The names that a template may use. */
export const templateNames = Object.keys({ ...sample.downtimes[0], category: "", series: 0, ...sample, link: "" });

/**
 * Renders a message's body: JSON, or the text of an e-mail.
 * @param link the page about it
 * @throws Error if the template is invalid, SyntaxError if the result isn't JSON
 */
export function render(kind: Kind, template: string, message: Message, link: string): string {
  const text = template || formats[kind].template;
  if (text === "") return JSON.stringify({ ...message, link });
  check(Mustache.parse(text) as Token[]);
  const settings = { escape: (value: unknown) => formats[kind].escape(String(value)) };
  const body = Mustache.render(text, { ...message, link }, undefined, settings);
  if (kind !== "email") JSON.parse(body);
  return body;
}

/** Renders the sample. @returns what is wrong with the template, if anything */
export function tryTemplate(kind: unknown, template: string): { readonly text: string; readonly error?: string } {
  try {
    return { text: render(kindOf(kind), template, sample, "https://downtime.example.org/downtimes/1") };
  } catch (error) {
    return { text: "", error: error instanceof SyntaxError ? "The result isn't JSON." : (error as Error).message };
  }
}

/** A part of a parsed template; a section has parts of its own. */
type Token = readonly [type: string, name: string, start: number, end: number, parts?: Token[] | string];

/** Refuses what isn't escaped, and misspelt names. */
function check(tokens: readonly Token[]): void {
  for (const [type, name, , , parts] of tokens) {
    if (type !== "text" && !/^(?:name|#|\^|!)$/.test(type)) throw new Error(`{{${type}…}} isn't supported.`);
    if (/^(?:name|#|\^)$/.test(type) && !templateNames.includes(name))
      throw new Error(`Unknown {{${name}}}. Names are ${templateNames.join(", ")}.`);
    if (typeof parts === "object") check(parts);
  }
}
