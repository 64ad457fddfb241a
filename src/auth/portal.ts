/** The Observation Portal: authenticates its users by OAuth. */

import { type Static, Type } from "@sinclair/typebox";
import type { Log } from "../http/request-context.ts";
import { Malformed, tolerating } from "../input/problem.ts";
import { maybe, mismatchOf } from "../input/tolerant.ts";
import { createPortalCalls, PortalUnreachable, parseJson } from "./portal-client.ts";
import { userNamePattern } from "./user.ts";

const ProfileSchema = Type.Object({
  username: Type.RegExp(userNamePattern),
  is_staff: maybe(Type.Boolean()),
  /** Older portals don't send it. */
  is_active: maybe(Type.Boolean()),
  tokens: maybe(Type.Object({ api_token: maybe(Type.String()) })),
});
export type Profile = Static<typeof ProfileSchema>;

const TokensSchema = Type.Object({ access_token: Type.String({ minLength: 1 }), refresh_token: maybe(Type.String()) });

/** OAuth tokens, to ask about a user without the password. */
export type Grant = { readonly access: string; readonly refresh: string | undefined };

export type Confirmation = { readonly profile: Profile; readonly grant: Grant };

interface PortalSettings extends Pick<Log, "warn"> {
  readonly tokenUrl: string;
  readonly profileUrl: string;
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
  /** For all requests of one call together. */
  readonly timeoutMillis?: number;
}

export type Portal = ReturnType<typeof createPortal>;

export function createPortal(settings: PortalSettings) {
  const { tokenUrl, profileUrl, clientId, clientSecret, timeoutMillis = 10_000 } = settings;
  const { call, ...state } = createPortalCalls(settings);

  const getGrant = async (fields: Record<string, string>, signal: AbortSignal): Promise<Grant | undefined> => {
    const secret = clientSecret && { client_secret: clientSecret };
    const body = new URLSearchParams({ ...fields, client_id: clientId, ...secret });
    const answer = await call(tokenUrl, { method: "POST", body, signal }, TokensSchema);
    if (answer.isRefusal) return undefined;
    // Without a new refresh token, the old one stays valid.
    return { access: answer.json.access_token, refresh: answer.json.refresh_token ?? fields.refresh_token };
  };

  const getConfirmation = async (grant: Grant, signal: AbortSignal): Promise<Confirmation | undefined> => {
    const headers = { authorization: `Bearer ${grant.access}` };
    const answer = await call(profileUrl, { headers, signal }, ProfileSchema);
    return answer.isRefusal ? undefined : { profile: answer.json, grant };
  };

  /**
   * Whether a user is active at the portal. The profile doesn't say so, and the portal accepts bearer tokens of disabled
   * users; but it refuses their API tokens, with a text of Django REST framework.
   * @returns undefined if unknown
   */
  const isActive = async ({ username, tokens }: Profile, signal: AbortSignal): Promise<boolean | undefined> => {
    if (!tokens?.api_token) return undefined;
    const headers = { authorization: `Token ${tokens.api_token}`, "accept-language": "en" };
    const answer = await call(profileUrl, { headers, signal }, ProfileSchema);
    if (answer.isRefusal) return /\binactive\b/i.test(answer.reason) ? false : undefined;
    return answer.json.username === username ? true : undefined;
  };

  return {
    ...state,

    /** Checks a username and a password. @returns undefined if they are wrong @throws PortalUnreachable */
    async signIn(username: string, password: string): Promise<Confirmation | undefined> {
      const signal = AbortSignal.timeout(timeoutMillis);
      const grant = await getGrant({ grant_type: "password", username, password }, signal);
      return grant && getConfirmation(grant, signal);
    },

    /** Checks whether a user still has access. @returns undefined if not @throws PortalUnreachable */
    async renew(grant: Grant): Promise<Confirmation | undefined> {
      const signal = AbortSignal.timeout(timeoutMillis);
      const { refresh } = grant;
      const getRenewed = () => refresh && getGrant({ grant_type: "refresh_token", refresh_token: refresh }, signal);
      const known = await getConfirmation(grant, signal);
      const renewed = known ? undefined : await getRenewed();
      const confirmation = known ?? (renewed ? await getConfirmation(renewed, signal) : undefined);
      const active = confirmation && (await isActive(confirmation.profile, signal));
      if (!confirmation || active === false) return undefined;
      if (active || renewed || !refresh) return confirmation;
      // The API token gave no result; some portals refuse to refresh the tokens of disabled users.
      const confirmed = await getRenewed();
      return confirmed ? { profile: confirmation.profile, grant: confirmed } : undefined;
    },

    /** Whether the portal has disabled the user of a profile, by its API token. False while the portal is unreachable. */
    async isDisabled(profile: Profile): Promise<boolean> {
      const asking = isActive(profile, AbortSignal.timeout(timeoutMillis));
      return (await asking.catch(tolerating(PortalUnreachable))) === false;
    },
  };
}

/** Parses a pushed profile. @throws Malformed */
export async function readProfile(text: string): Promise<Profile> {
  const value = await parseJson(text);
  // Some portals send the JSON as a JSON string.
  const profile = typeof value === "string" ? await parseJson(value) : value;
  const mismatch = mismatchOf(ProfileSchema, profile);
  if (mismatch) throw new Malformed(`Invalid profile: ${mismatch}`);
  return profile as Profile;
}
