/** Channels: who is notified of which events of which downtimes, and how. */

import { newSecret } from "../auth/secrets.ts";
import { tryListing } from "../downtime/list-query.ts";
import { canSelect } from "../downtime/selection.ts";
import type { Facility } from "../facility/facility.ts";
import { Invalid } from "../input/problem.ts";
import { readWhole } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
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
const newSigningSecret = () => `whsec_${Buffer.from(newSecret() + newSecret(), "hex").toString("base64")}`;

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
type Secrets = { readonly address: string; readonly secret: string };
/** Null if the secret key has changed. */
type StoredSecrets = { readonly secrets: Secrets | null };

/** A stored channel: the address is for people, the origin is where the service's own pages are. */
export type StoredChannel = Omit<Channel, "secret"> & StoredSecrets & { readonly id: number; readonly origin: string };

/** The form of a stored channel, without its secrets, or of a new one, with a secret to copy. */
export function formOf(stored: StoredChannel | undefined): URLSearchParams {
  if (!stored) return new URLSearchParams({ secret: newSigningSecret(), minutes: "30", enabled: "on" });
  const { name, kind, minutes, filters, template, events, enabled, address } = stored;
  const input = new URLSearchParams({ name, kind, minutes: String(minutes), filters, template });
  for (const event of events) input.append("events", event);
  if (enabled) input.set("enabled", "on");
  if (kind === "email") input.set("address", address);
  return input;
}

/** A message that was or will be sent; `dropped`: not sent, since the downtime was cancelled or moved meanwhile. */
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

/** How many messages of a channel are in a state. */
export type Count = { readonly channel: number; readonly state: Delivery["state"]; readonly count: number };

/**
 * Reads the form of a channel. An empty address or secret keeps the stored one.
 * @throws Invalid with the errors of all fields
 */
export function readChannel(form: URLSearchParams, stored: StoredSecrets | undefined, facility: Facility | undefined) {
  const text = (name: string) => (form.get(name) ?? "").trim();
  const [name, template] = [text("name"), text("template")];
  const kind = kinds.find((one) => one === text("kind")) ?? "webhook";
  const address = readAddress(kind, text("address") || stored?.secrets?.address || "");
  const secret = text("secret") || stored?.secrets?.secret || newSigningSecret();
  const events = eventNames.filter((event) => form.getAll("events").includes(event));
  const minutes = readWhole(1, 10_080)(text("minutes"));
  const filters = text("filters").replace(/^[^?]*\?/, "");
  const isSecret = /^whsec_[A-Za-z\d+/]{32,86}={0,2}$/.test(secret);
  const wrong = {
    name: name === "" || name.length > 100 ? "Enter a name of at most 100 characters." : undefined,
    address,
    secret: isSecret ? undefined : "Enter whsec_ and at least 24 random bytes in base64.",
    events: events.length === 0 ? "Select at least one event." : undefined,
    minutes: typeof minutes === "number" ? undefined : "Enter a number from 1 to 10,080.",
    filters: readFilters(filters, facility),
    template: template.length > 10_000 ? "Maximum 10,000 characters." : tryTemplate(kind, template).error,
  };
  const errors = Object.entries(wrong).flatMap(([field, value]) => {
    if (value instanceof Refusal) return [[field, [value.text]]];
    return typeof value === "string" && field !== "address" ? [[field, [value]]] : [];
  });
  if (errors.length > 0) throw new Invalid(Object.fromEntries(errors));
  const enabled = form.has("enabled");
  return { name, kind, address: String(address), secret, events, minutes: Number(minutes), filters, template, enabled };
}
