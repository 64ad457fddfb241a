/** Templates of messages: Mustache, in which every value is escaped for its format, so that no reason can inject anything. */

import Mustache from "mustache";
import { withoutControls } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { type Message, sampleMessage } from "./message.ts";

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * Each kind of channel: its name, the default template (a webhook gets all fields), and how values are escaped: for JSON; in
 * it Slack's control sequences, or Mattermost's Markdown and mentions; for text.
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
export function tryTemplate(name: string | null, template: string): { readonly text: string; readonly error?: string } {
  const kind = kinds.find((kind) => kind === name) ?? "webhook";
  try {
    return { text: render(kind, template, sample, "https://downtime.example.org/downtimes/1") };
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
