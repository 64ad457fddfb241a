/** `/api/users/`: users, for staff. `/authprofile/addupdateuser/`: the Observation Portal pushes its users here. */

import { Type } from "@sinclair/typebox";
import { readProfile } from "../auth/portal.ts";
import { hashPassword, newPassword } from "../auth/secrets.ts";
import { checkPassword, checkUserName, lastStaff, type StoredUser } from "../auth/user.ts";
import { readText } from "../http/body.ts";
import { listSchema } from "../http/json.ts";
import { answer, refusal } from "../http/openapi.ts";
import { createRoutes, idOf, serving } from "../http/request-context.ts";
import { Conflict, MethodNotAllowed, NotFound } from "../input/problem.ts";
import type { AccountServices } from "./account-page.ts";
import { bodyOf, send, sendList, staffApi } from "./staff-api.ts";

const staff = Type.Boolean({ description: "May edit all downtimes and manage users.", default: false });
const active = Type.Boolean({ description: "False: can't sign in, and tokens don't work.", default: true });
const password = Type.String({
  description: "8 to 1000 characters. A new one ends all sessions.",
  examples: ["a long one"],
});
const username = Type.String({ description: "1 to 150 letters, digits and `@ . + - _`.", examples: ["dora"] });
const controlled = "The Observation Portal controls password and staff access.";
const portal = Type.Boolean({ description: controlled, default: false });
const strict = { additionalProperties: false };
const optional = { staff: Type.Optional(staff), password: Type.Optional(password) };
const NewUserSchema = Type.Object({ username, ...optional }, strict);
const UserChangeSchema = Type.Partial(Type.Object({ staff, active, password }), strict);
const UserSchema = Type.Object({ id: Type.Integer(), username, staff, active, portal }, { $id: "User" });
const MadeUserSchema = Type.Object({ ...UserSchema.properties, password: Type.Optional(Type.String()) });

const show = ({ id, name: username, staff, active, portal }: StoredUser) => ({
  ...{ id, username, staff, active },
  portal: portal !== undefined,
});

export function userRoutes({ auth, users, clock }: Pick<AccountServices, "auth" | "users" | "clock">) {
  const { byStaff, operation, resource } = staffApi({ auth, clock }, "Users");
  const getUser = async (id: number) => {
    const user = await users.find(id);
    if (!user) throw new NotFound();
    return user;
  };

  const list = byStaff(async () => sendList((await users.list()).map(show)));
  const create = byStaff(async (context, author) => {
    const { username, staff = false, password } = await bodyOf(context, NewUserSchema);
    const made = newPassword();
    const name = checkUserName(username);
    const passwordHash = await hashPassword(password === undefined ? made : checkPassword(password));
    const { id } = await users.add({ name, staff, passwordHash, tokenHash: null }, author);
    return send({ ...show(await getUser(id)), ...(password === undefined && { password: made }) }, 201);
  });
  const change = byStaff(async (context, author) => {
    const { password, ...flags } = await bodyOf(context, UserChangeSchema);
    const { id, name } = await getUser(idOf(context));
    const passwordHash = password === undefined ? password : await hashPassword(checkPassword(password));
    await users.change(name, { ...flags, passwordHash }, author);
    return send(show(await getUser(id)));
  });

  const listing = operation("listUsers", "List users", {
    answers: { 200: answer("All users.", listSchema(UserSchema, { $id: "UserList" })) },
  });
  const taken = new Conflict("User dora already exists.");
  const creation = operation("createUser", "Create a user", {
    description: "Staff only. Without a `password`, one is generated, and returned this once.",
    body: NewUserSchema,
    answers: { 201: answer("The user.", MadeUserSchema) },
    errors: [refusal(taken, "The name is taken.")],
  });
  const editing = operation("changeUser", "Edit a user", {
    description: "Staff only. Users can't be deleted, since the history names them; disabling one ends all sessions.",
    pathId: "The user's ID.",
    body: UserChangeSchema,
    answers: { 200: answer("The user.", UserSchema) },
    errors: [refusal(new Conflict(lastStaff("ada")), "The last local staff user, or the portal controls this.")],
  });
  return createRoutes("users")
    .use(resource("/api/users/", "Users", { GET: [list, listing], POST: [create, creation] }))
    .use(resource("/api/users/:id/", "User", { PATCH: [change, editing] }))
    .all("/authprofile/addupdateuser/", takingProfile(auth));
}

const takingProfile = (auth: AccountServices["auth"]) =>
  serving(async (context) => {
    const { request } = context;
    if (request.method !== "POST") throw new MethodNotAllowed(request.method, "POST");
    await auth.checkServerKey(request);
    // The portal sends JSON without a Content-Type.
    const profile = await readProfile(await readText(request));
    return Response.json({ message: await auth.storePush(profile) });
  });
