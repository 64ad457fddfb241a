/** What the OpenAPI document says of `/api/users/`. */

import { Type } from "@sinclair/typebox";
import { lastStaff } from "../auth/user.ts";
import { listSchema } from "../http/json.ts";
import { answer, operation, refusal } from "../http/openapi.ts";
import { Conflict } from "../input/problem.ts";

const staff = Type.Boolean({ description: "May edit all downtimes and manage users.", default: false });
const active = Type.Boolean({ description: "False: can't sign in, and tokens don't work.", default: true });
const password = Type.String({
  description: "At least 8 characters. A new one ends all sessions.",
  examples: ["a long one"],
});
const username = Type.String({ description: "1 to 150 letters, digits and `@ . + - _`.", examples: ["dora"] });
const strict = { additionalProperties: false };

export const NewUserSchema = Type.Object(
  { username, staff: Type.Optional(staff), password: Type.Optional(password) },
  strict,
);
export const UserChangeSchema = Type.Partial(Type.Object({ staff, active, password }), strict);
const portal = Type.Boolean({
  description: "The Observation Portal controls password and staff access.",
  default: false,
});
const UserSchema = Type.Object({ id: Type.Integer(), username, staff, active, portal }, { $id: "User" });
const NewSchema = Type.Object({ ...UserSchema.properties, password: Type.Optional(Type.String()) });

const staffOnly = { tag: "Users", access: "write", description: "Staff only." } as const;

export const userOperations = {
  list: operation("listUsers", "List users", {
    ...staffOnly,
    answers: { 200: answer("All users.", listSchema(UserSchema, { $id: "UserList" })) },
  }),
  create: operation("createUser", "Create a user", {
    ...staffOnly,
    description: "Staff only. Without a `password`, one is generated, and returned this once.",
    body: NewUserSchema,
    answers: { 201: answer("The user.", NewSchema) },
    errors: [
      refusal(new Conflict("User dora already exists, or another user has the same token."), "The name is taken."),
    ],
  }),
  change: operation("changeUser", "Edit a user", {
    ...staffOnly,
    description: "Staff only. Users can't be deleted, since the history names them; disabling one ends all sessions.",
    pathId: "The user's ID.",
    body: UserChangeSchema,
    answers: { 200: answer("The user.", UserSchema) },
    errors: [refusal(new Conflict(lastStaff("ada")), "The last local staff user, or the portal controls this.")],
  }),
};
