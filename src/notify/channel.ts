/** Channels: who is notified of which events of which downtimes, and how. */

import { type Static, Type } from "@sinclair/typebox";
import { newSecret } from "../auth/secrets.ts";
import { canSelect, type Filter } from "../downtime/filter.ts";
import { tryListing } from "../downtime/list-query.ts";
import type { Facility } from "../facility/facility.ts";
import { Invalid } from "../input/problem.ts";
import { readWhole } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { eventNames, type Kind, kindOf, kinds, tryTemplate } from "./message.ts";

const anyOf = <Word extends string>(words: readonly Word[]) => words.map((word) => Type.Literal(word));
const nameText = "Unique; at most 100 characters. A new channel needs it, `events` and `address`.";
const fields = {
  name: Type.String({ description: nameText, examples: ["Operators"] }),
  kind: Type.Union(anyOf(kinds), { default: "webhook" }),
  events: Type.Array(Type.Union(anyOf(eventNames)), {
    description: "`soon`: starts in `minutes`.",
    examples: [["created", "edited"]],
  }),
  minutes: Type.Integer({ description: "How long before the start `soon` is sent.", default: 30 }),
  filters: Type.String({ description: "The query of a list. Empty: all downtimes.", examples: ["reason=wash"] }),
  template: Type.String({ description: "Mustache. Empty: the kind's default.", default: "" }),
  enabled: Type.Boolean({ default: true }),
};
export const SecretSchema = Type.String({ description: "Signs webhooks (Standard Webhooks)." });
const AddressSchema = Type.String({
  description: "A URL, or e-mail addresses separated by commas. Never returned.",
  examples: ["https://chat.example.org/hooks/1"],
});
export const ChannelSchema = Type.Object({ id: Type.Integer(), ...fields }, { $id: "Channel" });
export const ChannelInputSchema = Type.Partial(
  Type.Object({ ...fields, address: AddressSchema, secret: SecretSchema }),
  { additionalProperties: false },
);

/** The input for a channel, from the API or a form. */
export type ChannelInput = { readonly [Field in keyof Static<typeof ChannelInputSchema>]: unknown };

type Secrets = { readonly address: string; readonly secret: string };
export type Channel = Readonly<Omit<Static<typeof ChannelSchema>, "id">> & Secrets;

/** A stored channel: the address is for people, the origin is where the service's own pages are. */
export interface StoredChannel extends Omit<Channel, "secret"> {
  readonly id: number;
  readonly origin: string;
  /** Null if the secret key has changed. */
  readonly secrets: Secrets | null;
}

/** Returns the input for a stored channel, without its secrets; for a new one, the defaults and a generated secret. */
export const inputOf = (stored: StoredChannel | undefined): ChannelInput =>
  stored
    ? { ...stored, address: stored.kind === "email" ? stored.address : "" }
    : { secret: newSigningSecret(), minutes: 30, enabled: true };

/** The parameters of the schedule's address that aren't filters. */
const ofSchedule = ["when", "order", "window", "from", "offset"];

/** Reads filters: the query of a list, or the schedule's address. @returns the filter, and what is wrong, if anything */
export function tryFilters(text: string, facility?: Facility): { readonly filter: Filter; readonly error?: string } {
  const parameters = new URLSearchParams(text.replace(/^[^?]*\?/, ""));
  const { listing, errors } = tryListing(parameters, facility);
  const { filter } = listing;
  const isUnknown = (name: string) => !Object.hasOwn(filter, name) && !ofSchedule.includes(name);
  const wrong = Object.keys(errors)[0] ?? [...parameters.keys()].find(isUnknown);
  if (wrong !== undefined) return { filter: {}, error: `${wrong}: ${errors[wrong]?.join(" ") ?? "Unknown filter."}` };
  return canSelect(filter) ? { filter } : { filter: {}, error: "Can't filter by creation or modification." };
}

const newSigningSecret = () => `whsec_${Buffer.from(newSecret() + newSecret(), "hex").toString("base64")}`;

function readAddress(kind: Kind, text: string): string | Refusal {
  const url = URL.parse(text);
  const isWeb = url && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  if (kind !== "email")
    return isWeb ? url.href : new Refusal("Enter a URL that starts with https:// or http://, without a password.");
  const all = text.split(/[,;\s]+/).filter(Boolean);
  const isMail = all.every((one) => /^[^@<>()[\]\\,;:"\p{C}]+@[^@<>()[\]\\,;:"\p{C}]+$/u.test(one));
  const isRight = isMail && all.length > 0 && all.length <= 50;
  return isRight ? all.join(", ") : new Refusal("Enter 1 to 50 e-mail addresses, separated by commas.");
}

/** A message that was or will be sent; `dropped`: not sent, since somebody skipped it, or the downtime was cancelled or moved. */
export interface Delivery {
  readonly id: number;
  readonly state: "pending" | "sent" | "failed" | "dropped";
  readonly attempts: number;
  readonly title: string;
  readonly created: Instant;
  /** The last answer, or why there was none. */
  readonly answer: string | null;
  readonly answered: Instant | null;
}

export type Count = { readonly channel: number; readonly state: Delivery["state"]; readonly count: number };

/**
 * Reads the input for a channel. An empty address or secret keeps the stored one.
 * @throws Invalid with the errors of all fields
 */
export function readChannel(input: ChannelInput, stored: StoredChannel | undefined, facility?: Facility): Channel {
  const text = (name: keyof ChannelInput) => String(input[name] ?? "").trim();
  const [name, template, filters] = [text("name"), text("template"), text("filters").replace(/^[^?]*\?/, "")];
  const kind = kindOf(text("kind"));
  const address = readAddress(kind, text("address") || stored?.secrets?.address || "");
  const secret = text("secret") || stored?.secrets?.secret || newSigningSecret();
  const events = eventNames.filter((event) => [input.events].flat().includes(event));
  const minutes = readWhole(1, 10_080)(input.minutes);
  const isSecret = /^whsec_[A-Za-z\d+/]{32,86}={0,2}$/.test(secret);
  const wrong = {
    name: name === "" || name.length > 100 ? "Enter a name of at most 100 characters." : undefined,
    address: address instanceof Refusal ? address.text : undefined,
    secret: isSecret ? undefined : "Enter whsec_ and at least 24 random bytes in base64.",
    events: events.length === 0 ? "Select at least one event." : undefined,
    minutes: typeof minutes === "number" ? undefined : "Enter a number from 1 to 10,080.",
    filters: tryFilters(filters, facility).error,
    template: template.length > 10_000 ? "Maximum 10,000 characters." : tryTemplate(kind, template).error,
  };
  const errors = Object.entries(wrong).flatMap(([field, error]) => (error === undefined ? [] : [[field, [error]]]));
  if (errors.length > 0) throw new Invalid(Object.fromEntries(errors));
  const enabled = Boolean(input.enabled);
  return { name, kind, address: String(address), secret, events, minutes: Number(minutes), filters, template, enabled };
}
