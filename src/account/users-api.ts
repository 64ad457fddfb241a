/** `/api/users/`: users, for staff. */

import { hashPassword, newPassword } from "../auth/secrets.ts";
import { checkPassword, checkUserName } from "../auth/user.ts";
import type { StoredUser } from "../auth/user-rows.ts";
import { createRoutes, idOf } from "../http/request-context.ts";
import { NotFound } from "../input/problem.ts";
import type { AccountServices } from "./account-page.ts";
import { bodyOf, send, sendList, staffApi } from "./staff-api.ts";
import { NewUserSchema, UserChangeSchema, userOperations } from "./users-openapi.ts";

const show = ({ id, name: username, staff, active, portal }: StoredUser) => ({
  ...{ id, username, staff, active },
  portal: portal !== undefined,
});

export function userRoutes({ auth, users, clock }: Pick<AccountServices, "auth" | "users" | "clock">) {
  const { byStaff, resource } = staffApi({ auth, clock });
  const getUser = async (id: number) => {
    const user = await users.find(id);
    if (!user) throw new NotFound();
    return user;
  };

  const list = byStaff(async () => sendList((await users.list()).map(show)));
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

  const all = { GET: [list, userOperations.list], POST: [create, userOperations.create] } as const;
  const one = { PATCH: [change, userOperations.change] } as const;
  return createRoutes("users")
    .use(resource("/api/users/", "Users", all))
    .use(resource("/api/users/:id/", "User", one));
}
