/** Channels: who is notified of which events of which downtimes, and how. */

import { newSecret } from "../auth/secrets.ts";
import { tryListing } from "../downtime/list-query.ts";
import { canSelect } from "../downtime/selection.ts";
import type { Facility } from "../facility/facility.ts";
import { Invalid } from "../input/problem.ts";
import { isRefused, type Reader, readWhole } from "../input/readers.ts";
import { Refusal, readText } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { eventNames } from "./message.ts";
import { type Kind, kinds, tryTemplate } from "./template.ts";

/** The parameters of the schedule's address that aren't filters. */
const ofSchedule = ["when", "order", "window", "from", "offset"];

/** Reads filters: the query of a list, or the schedule's address. @returns the filter, or what is wrong */
export function readFilters(text: string, facility?: Facility) {
  const parameters = new URLSearchParams(text.replace(/^[^?]*\?/, ""));
  const { listing, errors } = tryListing(parameters, facility);
  const isUnknown = (name: string) => !Object.hasOwn(listing.filter, name) && !ofSchedule.includes(name);
  const wrong = Object.keys(errors)[0] ?? [...parameters.keys()].find(isUnknown);
  if (wrong !== undefined) return new Refusal(`${wrong}: ${errors[wrong]?.join(" ") ?? "Unknown filter."}`);
  return canSelect(listing.filter) ? listing.filter : new Refusal("Can't filter by creation or modification.");
}

/** Creates a secret for signing webhooks. */
export const newSigningSecret = () => `whsec_${Buffer.from(newSecret() + newSecret(), "hex").toString("base64")}`;

function readAddress(kind: Kind, text: string): string | Refusal {
  const { protocol = "", username = "", password = "", href = "" } = URL.parse(text) ?? {};
  const isWeb = /^https?:$/.test(protocol) && username + password === "";
  if (kind !== "email")
    return isWeb ? href : new Refusal("Enter a URL that starts with https:// or http://, without a password.");
  const all = text.split(/[,;\s]+/).filter(Boolean);
  const isMail = all.every((one) => /^[^@<>()[\]\\,;:"\p{C}]+@[^@<>()[\]\\,;:"\p{C}]+$/u.test(one));
  const isRight = isMail && all.length > 0 && all.length <= 50;
  return isRight ? all.join(", ") : new Refusal("Enter 1 to 50 e-mail addresses, separated by commas.");
}

export type Channel = ReturnType<typeof readChannel>;
/** What is stored encrypted. */
export type Secrets = { readonly address: string; readonly secret: string };

/** A stored channel: the address is for people, the origin is where the service's own pages are. */
export type StoredChannel = Omit<Channel, "secret"> & {
  readonly id: number;
  readonly origin: string;
  /** Null if the secret key has changed. */
  readonly secrets: Secrets | null;
};

/** A message that was or will be sent; `dropped`: not sent, since the downtime was cancelled or moved meanwhile. */
export interface Delivery {
  readonly id: number;
  readonly state: "pending" | "sent" | "failed" | "dropped";
  readonly attempts: number;
  readonly title: string;
  readonly created: Instant;
  /** The last answer, or why there was none. */
  readonly answer: string | null;
  readonly answered: Instant | undefined;
}

/** How many messages of a channel are in a state. */
export type Count = { readonly channel: number; readonly state: Delivery["state"]; readonly count: number };

/**
 * Reads the form of a channel. An empty address or secret keeps the stored one.
 * @param stored null for a new channel, or if the secret key has changed
 * @throws Invalid with the errors of all fields
 */
export function readChannel(form: URLSearchParams, stored: Secrets | null, facility: Facility | undefined) {
  const errors: Record<string, string[]> = {};
  const read = <T>(name: string, reader: Reader<T>, value: unknown = form.get(name) ?? ""): T => {
    const result = reader(value);
    if (isRefused(result)) errors[name] = [result instanceof Refusal ? result.text : "Invalid."];
    return result as T;
  };
  const must = (isRight: boolean, error: string) => (value: unknown) => (isRight ? String(value) : new Refusal(error));
  const text = (name: string) => read(name, (value) => readText(value, 10_000));
  const kind = kinds.find((one) => one === form.get("kind")) ?? "webhook";
  const [name, template, filters] = [text("name"), text("template"), text("filters")];
  const [address, secret] = [
    text("address") || stored?.address || "",
    text("secret") || stored?.secret || newSigningSecret(),
  ];
  const events = eventNames.filter((event) => form.getAll("events").includes(event));
  const { error } = tryTemplate(kind, template);
  const channel = {
    name: read("name", must(name !== "" && name.length <= 100, "Enter a name of at most 100 characters."), name),
    kind,
    address: read("address", () => readAddress(kind, address)),
    secret: read(
      "secret",
      must(/^whsec_[A-Za-z\d+/]{32,86}={0,2}$/.test(secret), "Enter whsec_ and at least 24 random bytes in base64."),
      secret,
    ),
    events,
    minutes: read("minutes", readWhole(1, 10_080)),
    filters: filters.replace(/^[^?]*\?/, ""),
    template,
    enabled: form.has("enabled"),
  };
  read("events", must(events.length > 0, "Select at least one event."));
  read("filters", () => readFilters(filters, facility));
  read("template", must(error === undefined, error ?? ""));
  if (Object.keys(errors).length > 0) throw new Invalid(errors);
  return channel;
}
