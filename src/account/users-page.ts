/** `/admin/users`: all users, for staff. */

import { hashPassword, newPassword } from "../auth/secrets.ts";
import { checkUserName } from "../auth/user.ts";
import type { StoredUser } from "../auth/user-rows.ts";
import type { UserChange } from "../auth/user-store.ts";
import { spellInstant } from "../time/instant.ts";
import type { AccountServices } from "./account-page.ts";
import { type Button, bytesIn, type Outcome, panelRoutes } from "./panels-page.tsx";
import type { Visit } from "./staff-page.ts";

const rowOf = ({ name, staff, active, portal }: StoredUser) => ({
  texts: {
    Username: name,
    Access: `${staff ? "Staff" : "User"}${active ? "" : ", disabled"}`,
    "Signs in": portal ? "Through the Observation Portal" : "Here",
  },
  buttons: {
    ...(active ? { disable: ["Disable", name] as const } : { enable: ["Enable", name] as const }),
    ...(!portal && {
      [staff ? "revoke_staff" : "grant_staff"]: [staff ? "Revoke staff access" : "Grant staff access", name] as const,
    }),
    ...(!portal && { reset_password: ["Reset password", name] as const }),
  },
});

export function usersPageRoutes(services: AccountServices) {
  const { users } = services;

  const read = async ({ form }: Visit, { done }: Outcome) => [
    {
      title: "All users",
      hint: "Staff may edit all downtimes and manage users. Users can't be deleted, since the history names them: disable them.",
      rows: (await users.list()).map(rowOf),
      fields: [{ name: "username", label: "New user", value: (!done && form.get("username")) || "" }],
      buttons: { add_user: ["Add user"], add_staff: ["Add staff user"] } as const,
    },
    {
      title: "History",
      rows: (await users.history()).map(({ at, user, action, token, by }) => ({
        texts: {
          "Time (UTC)": spellInstant(at),
          User: user,
          What: action.replace("_", " ") + (token ? `: ${token}` : ""),
          By: by,
        },
      })),
    },
  ];

  /** @param staff undefined: resets the password of the user that the button names */
  const withNewPassword =
    (staff?: boolean): Button =>
    (visit, value) => {
      const { form, author } = visit;
      const name = staff === undefined ? value : checkUserName((form.get("username") ?? "").trim());
      const secret = newPassword(bytesIn(visit));
      const work = async () => {
        const passwordHash = await hashPassword(secret);
        if (staff === undefined) await users.change(name, { passwordHash }, author);
        else await users.add({ name, staff, passwordHash, tokenHash: null }, author);
      };
      return { done: `New password of ${name}. Copy it now; it isn't shown again.`, secret, work };
    };
  const changing =
    (change: UserChange): Button =>
    ({ author }, name) => ({ done: `Saved ${name}.`, work: () => users.change(name, change, author) });

  return panelRoutes(services, {
    audience: "staff",
    path: "/admin/users",
    title: "Users",
    read,
    buttons: {
      add_user: withNewPassword(false),
      add_staff: withNewPassword(true),
      reset_password: withNewPassword(),
      grant_staff: changing({ staff: true }),
      revoke_staff: changing({ staff: false }),
      enable: changing({ active: true }),
      disable: changing({ active: false }),
    },
  });
}
