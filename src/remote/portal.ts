/** The Observation Portal: asks it whether a name and a password are good, and who that is. */

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Malformed } from "../domain/problem.ts";
import { userNamePattern } from "../domain/user.ts";

const maybe = <T extends TSchema>(type: T) => Type.Optional(Type.Union([type, Type.Null()]));

/** A user as the portal describes one, as far as it is used here. */
const ProfileSchema = Type.Object({
  username: Type.RegExp(userNamePattern),
  is_staff: maybe(Type.Boolean()),
  /** Older portals say nothing of it. */
  is_active: maybe(Type.Boolean()),
  tokens: maybe(Type.Object({ api_token: maybe(Type.String()) })),
});
export type Profile = Static<typeof ProfileSchema>;

const TokensSchema = Type.Object({ access_token: Type.String({ minLength: 1 }), refresh_token: maybe(Type.String()) });

/** What the portal gave us to ask after a user without the password. */
export interface Grant {
  readonly access: string;
  readonly refresh: string | undefined;
}

/** The portal stands by a user. */
export interface Voucher {
  readonly profile: Profile;
  readonly grant: Grant;
}

/** No answer, or none that says anything about the user. */
export class PortalUnreachable extends Error {}

export interface PortalSettings {
  readonly tokenUrl: string;
  readonly profileUrl: string;
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
  /** For the whole of a question, however many requests it takes. */
  readonly timeoutMillis?: number;
}

export type Portal = ReturnType<typeof createPortal>;

export function createPortal({ tokenUrl, profileUrl, clientId, clientSecret, timeoutMillis = 10_000 }: PortalSettings) {
  const getGrant = async (fields: Record<string, string>, signal: AbortSignal): Promise<Grant | undefined> => {
    const secret = clientSecret && { client_secret: clientSecret };
    const body = new URLSearchParams({ ...fields, client_id: clientId, ...secret });
    const answer = await ask(tokenUrl, { method: "POST", body, signal });
    if (answer.isRefusal) return undefined;
    const { access_token, refresh_token } = check(TokensSchema, answer.json, tokenUrl);
    return { access: access_token, refresh: refresh_token ?? undefined };
  };

  const getVoucher = async (grant: Grant, signal: AbortSignal): Promise<Voucher | undefined> => {
    const answer = await ask(profileUrl, { headers: { authorization: `Bearer ${grant.access}` }, signal });
    return answer.isRefusal ? undefined : { profile: check(ProfileSchema, answer.json, profileUrl), grant };
  };

  return {
    /**
     * Asks whether the name and the password are good.
     * @returns undefined when the portal says that they are not
     * @throws PortalUnreachable
     */
    async signIn(username: string, password: string): Promise<Voucher | undefined> {
      const signal = AbortSignal.timeout(timeoutMillis);
      const grant = await getGrant({ grant_type: "password", username, password }, signal);
      return grant && getVoucher(grant, signal);
    },

    /**
     * Asks whether the user to whom the grant was given is still good.
     * @returns undefined when the portal says no
     * @throws PortalUnreachable
     */
    async renew(grant: Grant): Promise<Voucher | undefined> {
      const signal = AbortSignal.timeout(timeoutMillis);
      const voucher = await getVoucher(grant, signal);
      if (voucher || !grant.refresh) return voucher;
      const renewed = await getGrant({ grant_type: "refresh_token", refresh_token: grant.refresh }, signal);
      return renewed && getVoucher({ ...renewed, refresh: renewed.refresh ?? grant.refresh }, signal);
    },
  };
}

/**
 * Reads a profile that the portal sent by itself.
 * @throws Malformed when it is none
 */
export function readProfile(text: string): Profile {
  try {
    const value = JSON.parse(text);
    // Some send the JSON as a JSON string.
    return check(ProfileSchema, typeof value === "string" ? JSON.parse(value) : value, "the portal");
  } catch (error) {
    throw new Malformed(`This is no profile: ${(error as Error).message}`);
  }
}

/** Sends a request. @throws PortalUnreachable unless the portal said yes or no */
async function ask(url: string, init: RequestInit): Promise<{ isRefusal: true } | { isRefusal: false; json: unknown }> {
  try {
    // A redirect isn't followed: it would carry the password to wherever it points.
    const response = await fetch(url, { ...init, redirect: "manual" });
    const { status } = response;
    if (status === 200) return { isRefusal: false, json: await response.json() };
    const text = await response.text();
    // The portal doesn't know this service, which says nothing about the user.
    const isAboutUs = /"(invalid|unauthorized)_client"/.test(text);
    if (status < 400 || status >= 500 || status === 408 || status === 429 || isAboutUs)
      throw new PortalUnreachable(
        `status ${status} from ${url}${isAboutUs ? " about OAUTH_CLIENT_ID or its secret" : ""}`,
      );
    return { isRefusal: true };
  } catch (error) {
    throw error instanceof PortalUnreachable ? error : new PortalUnreachable(`${(error as Error).message} (${url})`);
  }
}

function check<Schema extends TSchema>(schema: Schema, value: unknown, from: string): Static<Schema> {
  const error = Value.Errors(schema, value).First();
  // What was sent may hold a token, so it isn't repeated.
  if (error) throw new PortalUnreachable(`${error.message} at ${error.path || "the top"} of what ${from} sent`);
  return value as Static<Schema>;
}
