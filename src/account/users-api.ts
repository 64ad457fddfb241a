/** `/api/users/`: users, for staff. */

import type { Static, TObject } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { type Author, authorOf } from "../auth/change-set-store.ts";
import { hashPassword, newPassword } from "../auth/secrets.ts";
import { checkPassword, checkUserName } from "../auth/user.ts";
import type { StoredUser } from "../auth/user-rows.ts";
import { readJsonBody } from "../http/body.ts";
import { idOf } from "../http/id.ts";
import { written } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { addressOf, createRoutes, type RequestContext } from "../http/request-context.ts";
import { Invalid, NotFound } from "../input/problem.ts";
import type { AccountServices } from "./account-page.ts";
import { NewUserSchema, UserChangeSchema, userOperations } from "./users-openapi.ts";

/** @throws Invalid */
async function bodyOf<T extends TObject>({ request }: RequestContext, schema: T): Promise<Static<T>> {
  const body = await readJsonBody(request);
  if (Value.Check(schema, body)) return body;
  const errors = [...Value.Errors(schema, body)].map(({ path, message }) => [path.slice(1), [`${message}.`]]);
  throw new Invalid(Object.fromEntries(errors));
}

// A response may contain a new password.
const send = (value: object, status = 200) => written(value, status, { "cache-control": "no-store" });
const show = ({ id, name: username, staff, active, portal }: StoredUser) => ({
  ...{ id, username, staff, active },
  portal: portal !== undefined,
});

export function userRoutes({ auth, users, clock }: Pick<AccountServices, "auth" | "users" | "clock">) {
  const byStaff =
    (work: (caller: RequestContext, author: Author) => Promise<Response>) => async (caller: RequestContext) =>
      work(caller, authorOf(await auth.requireStaff(caller.request, addressOf(caller)), clock()));
  const getUser = async (id: number) => {
    const user = await users.find(id);
    if (!user) throw new NotFound();
    return user;
  };

  const list = byStaff(async () => {
    const results = (await users.list()).map(show);
    return send({ count: results.length, next: null, previous: null, results });
  });
  const create = byStaff(async (caller, author) => {
    const { username, staff = false, password } = await bodyOf(caller, NewUserSchema);
    const made = newPassword();
    const name = checkUserName(username);
    const passwordHash = await hashPassword(password === undefined ? made : checkPassword(password));
    const { id } = await users.add({ name, staff, passwordHash, tokenHash: null }, author);
    return send({ ...show(await getUser(id)), ...(password === undefined && { password: made }) }, 201);
  });
  const change = byStaff(async (caller, author) => {
    const { password, ...flags } = await bodyOf(caller, UserChangeSchema);
    const { id, name } = await getUser(idOf(caller));
    const passwordHash = password === undefined ? password : await hashPassword(checkPassword(password));
    await users.change(name, { ...flags, passwordHash }, author);
    return send(show(await getUser(id)));
  });

  const forOthers = { auth: { requireWriter: auth.requireStaff } };
  const all = { GET: [list, userOperations.list], POST: [create, userOperations.create] } as const;
  const one = { PATCH: [change, userOperations.change] } as const;
  return createRoutes("users")
    .use(resource({ ...forOthers, path: "/api/users/", name: "Users", methods: all }))
    .use(resource({ ...forOthers, path: "/api/users/:id/", name: "User", methods: one }));
}
