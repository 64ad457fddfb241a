/** Sends webhooks, never to an internal address, and e-mail. */

import { promises as dns, type LookupAddress } from "node:dns";
import { type RequestOptions, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { createTransport } from "nodemailer";
import { Webhook } from "standardwebhooks";
import { within } from "../input/queue.ts";
import { withoutControls } from "../input/text.ts";

/** How an attempt ended. `answer`: the status, or why there was none; `isFinal`: trying again can't help. */
export type Outcome = { readonly isDone: boolean; readonly answer: string; readonly isFinal?: boolean };

/** Statuses that say that the message itself is wrong. */
const finalStatuses = [400, 410, 413, 422];

/** Whether an IP address is on the public internet (IPv6: only 2000::/3). 168.63.129.16 is Azure's WireServer. */
export function isPublic(text: string): boolean {
  if (!isIP(text) || text === "168.63.129.16") return false;
  const address = ipaddr.process(text);
  return address.range() === "unicast" && (address.kind() === "ipv4" || (address.toByteArray()[0] ?? 0) >> 5 === 1);
}

const lookUp = (host: string): Promise<LookupAddress[]> => dns.lookup(host, { all: true });

/**
 * @param attemptMillis how long an attempt may take in all
 * @param resolve returns the addresses of a host
 * @returns a function that posts JSON, signed as Standard Webhooks says if there is a secret; it never throws
 */
export function createWebhooks(attemptMillis: number, allowPrivate: boolean, resolve = lookUp) {
  /** Every address is checked, and the connection is made to one of them, so that no second answer can differ. */
  const addressesOf = async (hostname: string) => {
    const host = hostname.replace(/^\[|\]$/g, "");
    const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await resolve(host);
    const wrong = found.find(({ address }) => !allowPrivate && !isPublic(address));
    if (wrong) throw new Error(`${wrong.address} isn't a public address (see NOTIFY_ALLOW_PRIVATE)`);
    return found;
  };
  return (url: string, secret: string, key: string, body: string, now: number) =>
    attemptWithin(attemptMillis, async (signal) => {
      const addresses = await addressesOf(new URL(url).hostname);
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "user-agent": "Downtime",
        "webhook-id": key,
        "webhook-timestamp": Math.floor(now / 1000),
        ...(secret && { "webhook-signature": new Webhook(secret).sign(key, new Date(now), body) }),
      };
      const lookup: RequestOptions["lookup"] = (_, { all }, done) =>
        all ? done(null, addresses) : done(null, addresses[0]?.address ?? "", addresses[0]?.family);
      const status = await post(url, { method: "POST", agent: false, headers, lookup }, body, signal);
      const answer = status >= 300 && status < 400 ? `${status} (redirects aren't followed)` : String(status);
      return { isDone: status >= 200 && status < 300, isFinal: finalStatuses.includes(status), answer };
    });
}

/** Returns the status of the answer. Its body isn't read. */
const post = (url: string, options: RequestOptions, body: string, signal: AbortSignal): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = (url.startsWith("https:") ? requestSecure : requestPlain)(url, options);
    signal.addEventListener("abort", () => sent.destroy());
    sent.on("response", ({ statusCode = 0 }) => resolve(statusCode));
    sent.on("error", reject);
    sent.on("close", () => reject(new Error("the connection was closed without an answer")));
    sent.end(body);
  });

/** @returns a function that sends an e-mail; it never throws. Undefined if no SMTP server is configured */
export function createEmails(attemptMillis: number, url: string | undefined, from = "") {
  if (url === undefined) return undefined;
  const times = { connectionTimeout: attemptMillis, greetingTimeout: attemptMillis, socketTimeout: attemptMillis };
  const transport = createTransport({ url, ...times, disableFileAccess: true, disableUrlAccess: true });
  const domain = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? "downtime";
  return (to: string, key: string, title: string, text: string) =>
    attemptWithin(attemptMillis, async () => {
      const subject = withoutControls(title).replaceAll(/\s+/g, " ");
      const others = { messageId: `<${key}@${domain}>`, headers: { "auto-submitted": "auto-generated" } };
      const { response, rejected } = await transport.sendMail({ from, to: to.split(", "), subject, text, ...others });
      return { isDone: true, answer: response + (rejected.length > 0 ? ` (refused: ${rejected.join(", ")})` : "") };
    });
}

/** Makes an attempt, which ends when its signal is aborted. An error or a timeout is an outcome. */
function attemptWithin(millis: number, attempt: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
  const stop = new AbortController();
  return within(millis, attempt(stop.signal), () => new Error(`no answer within ${millis / 1000} s`))
    .catch((error) => ({ isDone: false, answer: error.message || `${error.code}` }))
    .finally(() => stop.abort());
}
