/** Sends forms like a browser without JavaScript. */

import { type Member, type Service, signIn } from "./harness.ts";

/** A signed-in browser without JavaScript: reads pages and sends their forms. */
export async function openForms(service: Service, name: Member) {
  const { cookie, csrf } = await signIn(service, name);
  const send = async (path: string, init: RequestInit, headers: Record<string, string>) => {
    const response = await service.send(path, { ...init, headers: { cookie, accept: "text/html", ...headers } });
    const location = response.headers.get("location") ?? response.headers.get("hx-redirect");
    return { status: response.status, location, html: await response.text() };
  };
  return {
    get: (path: string, headers: Record<string, string> = {}) => send(path, {}, headers),
    post(path: string, fields: Record<string, string> | [string, string][], headers: Record<string, string> = {}) {
      const body = new URLSearchParams(fields);
      if (!body.has("csrf")) body.set("csrf", csrf);
      return send(path, { method: "POST", body }, headers);
    },
  };
}
