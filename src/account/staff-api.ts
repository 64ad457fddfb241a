/** What the APIs for staff share: access, bodies, responses and descriptions. */

import type { Static, TObject } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Auth } from "../auth/authenticate.ts";
import { type Author, authorOf } from "../auth/change-set-store.ts";
import { readJsonBody } from "../http/body.ts";
import { type Methods, resource } from "../http/methods.ts";
import { operation } from "../http/openapi.ts";
import type { RequestContext } from "../http/request-context.ts";
import { Invalid } from "../input/problem.ts";
import type { Clock } from "../time/instant.ts";

/** @throws Invalid */
export async function bodyOf<T extends TObject>({ request }: RequestContext, schema: T): Promise<Static<T>> {
  const body = await readJsonBody(request);
  if (Value.Check(schema, body)) return body;
  const errors = [...Value.Errors(schema, body)].map(({ path, message }) => [path.slice(1), [`${message}.`]]);
  throw new Invalid(Object.fromEntries(errors));
}

/** Creates a response, which may contain a new password or secret. */
export const send = (value: object, status = 200, headers: Record<string, string> = {}) =>
  Response.json(value, { status, headers: { ...headers, "cache-control": "no-store" } });

export const sendList = (results: readonly object[]) =>
  send({ count: results.length, next: null, previous: null, results });

type Options = Parameters<typeof operation>[2];

/** @param tag of the operations in the OpenAPI document */
export function staffApi({ auth, clock }: { readonly auth: Auth; readonly clock: Clock }, tag: Options["tag"]) {
  const answers = { 204: { description: "Done." } };
  return {
    /** Creates a handler. Without a response of its own, it sends an empty one. */
    byStaff:
      (work: (context: RequestContext, author: Author) => Promise<unknown>) => async (context: RequestContext) => {
        const author = authorOf(await auth.requireStaff(context.request), clock());
        const answer = await work(context, author);
        return answer instanceof Response ? answer : new Response(null, { status: 204 });
      },
    /** Declares an API path that is for staff alone. */
    resource: (path: string, name: string, methods: Methods) =>
      resource(path, name, { requireWriter: auth.requireStaff }, methods),
    operation: (id: string, summary: string, options: Partial<Options> = {}) =>
      operation(id, summary, { tag, access: "write", description: "Staff only.", answers, ...options }),
  };
}
