/** `/account`: the user's own tokens, sessions and password. */

import { hashPassword, hashToken, newSecret } from "../auth/secrets.ts";
import { sessionHashOf } from "../auth/session.ts";
import { portalToken, type Tokens } from "../auth/token-store.ts";
import { checkPassword, checkTokenName } from "../auth/user.ts";
import type { Users } from "../auth/user-store.ts";
import { addressOf } from "../http/request-context.ts";
import { Problem } from "../input/problem.ts";
import { spellInstant, toStamp } from "../time/instant.ts";
import { bytesIn, type Panel, panelRoutes } from "./panels-page.tsx";
import { tryToSignIn } from "./sign-in-outcome.ts";
import type { StaffPageServices, Visit } from "./staff-page.ts";

export interface AccountServices extends StaffPageServices {
  readonly users: Users;
  readonly tokens: Tokens;
}

const portalPassword = {
  title: "Password",
  hint: "You sign in through the Observation Portal. Change your password there.",
};
const ownPassword: Panel = {
  title: "Password",
  hint: "At least 8 characters. All other sessions end; API tokens still work.",
  fields: [
    { name: "old_password", label: "Current password", type: "password", autocomplete: "current-password" },
    { name: "new_password", label: "New password", type: "password", autocomplete: "new-password" },
  ],
  buttons: { set_password: ["Change password"] },
};

export function accountRoutes(services: AccountServices) {
  const { auth, users, tokens } = services;

  const read = async ({ caller, user }: Visit) => [
    {
      title: "API tokens",
      hint: "Programs send a token in the header Authorization, after the word Token. It has your rights. Create one for each program.",
      columns: ["Name", "Created (UTC)", "Last used (to the hour)"],
      rows: (await tokens.list(user.name)).map(({ name, created, lastUsed }) => ({
        cells: [name, created ? spellInstant(created) : "Unknown", lastUsed ? spellInstant(lastUsed) : "Never"],
        buttons: name === portalToken ? {} : { revoke_token: ["Revoke", name] as const },
      })),
      fields: [{ name: "token_name", label: "Name of a new token", hint: "For example, the program that uses it." }],
      buttons: { create_token: ["Create token"] as const },
    },
    {
      title: "Sessions",
      columns: ["Browser", "Address", "Since (UTC)", "Last seen (UTC)"],
      rows: (await auth.listSessions(user)).map(({ idHash, browser, address, created, seen }) => {
        const isThis = idHash === sessionHashOf(caller.request);
        const name = `${browser ?? "Unknown"}${isThis ? " (this one)" : ""}`;
        return {
          cells: [name, address ?? "Unknown", spellInstant(created), spellInstant(seen)],
          buttons: isThis ? {} : { end_session: ["End", idHash, `session of ${name}`] as const },
        };
      }),
      buttons: { end_others: ["End all other sessions"] as const },
    },
    (await users.find(user.id))?.portal ? portalPassword : ownPassword,
  ];

  const setPassword = async ({ caller, user, form, author }: Visit) => {
    const outcome = await tryToSignIn(auth, user.name, form.get("old_password") ?? "", addressOf(caller));
    if (!("user" in outcome)) {
      // Sent twice, the old password is wrong the second time.
      await users.refuseRepetition(author);
      const text = outcome.status === 422 ? "The current password is missing or wrong." : outcome.errors.password;
      throw new Problem(outcome.status, text ?? "", outcome.headers);
    }
    const passwordHash = await hashPassword(checkPassword(form.get("new_password") ?? ""));
    await users.change(user.name, { passwordHash }, author, sessionHashOf(caller.request));
  };

  return panelRoutes(services, {
    audience: "user",
    path: "/account",
    title: "My account",
    read,
    buttons: {
      create_token(visit) {
        const { user, form, author } = visit;
        const name = checkTokenName((form.get("token_name") ?? "").trim());
        const secret = newSecret(bytesIn(visit));
        const token = { name, hash: hashToken(secret), created: toStamp(author.at) };
        const done = `Token ${name}. Copy it now; it isn't shown again.`;
        return [done, () => tokens.put(user.name, token, author, "none"), secret];
      },
      revoke_token: ({ user, author }, name) => [`Revoked ${name}.`, () => tokens.revoke(user.name, name, author)],
      end_session: ({ user }, only) => ["Session ended.", () => auth.endSessions(user, { only })],
      end_others: ({ caller, user }) => {
        const except = sessionHashOf(caller.request) ?? "";
        return ["All other sessions ended.", () => auth.endSessions(user, { except })];
      },
      set_password: (visit) => ["Password changed.", () => setPassword(visit)],
    },
  });
}
