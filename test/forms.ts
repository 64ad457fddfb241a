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

export const decode = (text: string | null) =>
  (text ?? "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#34;", '"')
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

/** The action and the fields of the form in a page's content, as a browser without JavaScript would send them. */
export function formIn(page: string) {
  const fields = new URLSearchParams();
  let action = "";
  let last = "";
  const add = (field: HTMLRewriterTypes.Element, value: string) => {
    last = field.getAttribute("name") ?? "";
    fields.append(last, value);
  };
  new HTMLRewriter()
    .on("main form:not(#row)", {
      element(form) {
        action = decode(form.getAttribute("action"));
      },
    })
    .on("main form:not(#row) input:not([type=checkbox], [type=radio]), main form:not(#row) input[checked]", {
      element: (input) => add(input, decode(input.getAttribute("value"))),
    })
    .on("main form:not(#row) textarea", {
      element: (area) => add(area, ""),
      text: (chunk) => fields.set(last, (fields.get(last) ?? "") + decode(chunk.text)),
    })
    .on("main form:not(#row) select", { element: (select) => add(select, "") })
    .on("main form:not(#row) option[selected]", {
      element: (option) => fields.set(last, decode(option.getAttribute("value"))),
    })
    .transform(page);
  // The first line break of a textarea isn't part of its text.
  for (const [name, value] of [...fields]) if (value.startsWith("\n")) fields.set(name, value.slice(1));
  return { action, fields };
}
