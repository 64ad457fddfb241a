/** A fake Observation Portal: a real HTTP server with users, that can be slow, broken or down. */

export interface PortalAccount {
  password: string;
  staff: boolean;
  /** Inactive users can't sign in, and their tokens are invalid. */
  active: boolean;
  /** Undefined: the profile has no tokens. */
  token?: string | undefined;
}

type Respond = (request: Request) => Response | Promise<Response>;

export const serverKey = "key-of-the-portal";

export function startPortal(accounts: Record<string, PortalAccount>) {
  const asked: string[] = [];
  const accesses = new Map<string, string>();
  const refreshes = new Map<string, string>();
  let respondInstead: ((request: Request) => ReturnType<Respond> | undefined) | undefined;
  let count = 0;

  const give = (name: string) => {
    const [access, refresh] = [`access-${++count}-of-${name}`, `refresh-${count}-of-${name}`];
    accesses.set(access, name);
    refreshes.set(refresh, name);
    return Response.json({ access_token: access, refresh_token: refresh, token_type: "Bearer", expires_in: 36000 });
  };
  const no = (error: string, status = 400) => Response.json({ error }, { status });

  const giveToken = async (request: Request) => {
    const form = new URLSearchParams(await request.text());
    asked.push(`token ${form.get("grant_type")} ${form.get("username") ?? ""}`.trim());
    if (form.get("client_id") !== "downtime" || form.get("client_secret") !== "client-secret")
      return no("invalid_client", 401);
    if (form.get("grant_type") === "refresh_token") {
      const refresh = form.get("refresh_token") ?? "";
      const name = refreshes.get(refresh);
      // Each works once, as the portal's do.
      refreshes.delete(refresh);
      return name && accounts[name]?.active ? give(name) : no("invalid_grant");
    }
    const name = form.get("username") ?? "";
    const account = accounts[name];
    return account?.active && account.password === form.get("password") ? give(name) : no("invalid_grant");
  };

  const profileOf = (name: string) => ({
    username: name,
    first_name: "",
    last_name: "",
    email: `${name}@example.org`,
    is_staff: accounts[name]?.staff,
    is_superuser: false,
    ...(accounts[name]?.token !== undefined && { tokens: { api_token: accounts[name].token } }),
    profile: { staff_view: false },
  });

  /** As at the real portal, a disabled user's bearer token still works, but not the API token. */
  const giveProfile = (request: Request) => {
    const [scheme, token = ""] = (request.headers.get("authorization") ?? "").split(" ");
    asked.push(scheme === "Token" ? "profile by token" : "profile");
    const deny = (detail: string) => Response.json({ detail }, { status: 401 });
    if (scheme === "Token") {
      const [name, account] = Object.entries(accounts).find(([, { token: known }]) => known === token) ?? [];
      if (name && account?.active) return Response.json(profileOf(name));
      return deny(name ? "User inactive or deleted." : "Invalid token.");
    }
    const name = accesses.get(token);
    return name && accounts[name]
      ? Response.json(profileOf(name))
      : deny("Authentication credentials were not provided.");
  };

  /** Redirects paths without a trailing slash, as Django does; a POST loses its body. */
  const answer = (request: Request) => {
    const { pathname, search } = new URL(request.url);
    if (!pathname.endsWith("/")) {
      asked.push("a path without its slash");
      return new Response(null, { status: 301, headers: { location: `${pathname}/${search}` } });
    }
    return pathname === "/o/token/" ? giveToken(request) : giveProfile(request);
  };

  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => respondInstead?.(request) ?? answer(request),
  });
  const url = server.url.href.replace(/\/$/, "");

  return {
    accounts,
    /** The requests, without passwords. */
    asked,
    profileOf,
    settings: {
      OAUTH_TOKEN_URL: `${url}/o/token/`,
      OAUTH_PROFILE_URL: `${url}/api/profile/`,
      OAUTH_CLIENT_ID: "downtime",
      OAUTH_CLIENT_SECRET: "client-secret",
      OAUTH_SERVER_KEY: serverKey,
    },
    /** Overrides responses until `mend`; undefined means the normal response. */
    respond(how: (request: Request) => ReturnType<Respond> | undefined) {
      respondInstead = how;
    },
    /** Behaves like a proxy whose backend is down. */
    goDown() {
      respondInstead = () => new Response("Bad gateway", { status: 502 });
    },
    mend() {
      respondInstead = undefined;
    },
    /** Serves only paths without a trailing slash. */
    dropSlashes() {
      respondInstead = (request) =>
        request.url.endsWith("/")
          ? new Response("Not found", { status: 404 })
          : answer(new Request(`${request.url}/`, request));
    },
    /** Expires access tokens, but not refresh tokens. */
    expireAccess: () => accesses.clear(),
    stop: () => server.stop(true),
  };
}

/** The portal's push of a profile: JSON without a Content-Type. */
export const pushing = (profile: unknown, key = serverKey): RequestInit => ({
  method: "POST",
  headers: { authorization: `Server ${key}` },
  body: new TextEncoder().encode(JSON.stringify(profile)),
});
