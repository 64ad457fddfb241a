/** `/admin/users`: all users, for staff. */

import { hashPassword, newPassword } from "../auth/secrets.ts";
import { checkUserName, type StoredUser } from "../auth/user.ts";
import type { UserChange } from "../auth/user-store.ts";
import { spellInstant } from "../time/instant.ts";
import type { AccountServices } from "./account-page.ts";
import { bytesIn, type Press, panelRoutes } from "./panels-page.tsx";

const rowOf = ({ name, staff, active, portal }: StoredUser) => ({
  cells: [name, `${staff ? "Staff" : "User"}${active ? "" : ", disabled"}`, portal ? "Observation Portal" : "Here"],
  buttons: {
    [active ? "disable" : "enable"]: name,
    ...(!portal && { [staff ? "revoke_staff" : "grant_staff"]: name, reset_password: name }),
  },
});

const resets = "All sessions of this user end. You get a new password, which is shown once.";
const revokes = "Without staff access, users can't edit others' downtimes or manage users.";

export function usersPageRoutes(services: AccountServices) {
  const { users } = services;

  const read = async () => [
    {
      title: "All users",
      hint: "Staff may edit all downtimes and manage users. Users can't be deleted, since the history names them: disable them.",
      columns: ["Username", "Access", "Signs in"],
      rows: (await users.list()).map(rowOf),
      fields: [{ name: "username", label: "New user" }],
      buttons: { add_user: "", add_staff: "" },
    },
    {
      title: "History",
      columns: ["Time (UTC)", "User", "What", "By"],
      rows: (await users.history()).map(({ at, user, action, token, by, unconfirmed }) => ({
        cells: [
          spellInstant(at),
          user,
          action.replace("_", " ") + (token ? `: ${token}` : ""),
          by + (unconfirmed ? " (unconfirmed: portal unreachable)" : ""),
        ],
      })),
    },
  ];

  /** @param staff undefined: resets the password of the user that the button names */
  const withNewPassword =
    (staff?: boolean): Press =>
    (visit, value) => {
      const { form, author } = visit;
      const name = staff === undefined ? value : checkUserName((form.get("username") ?? "").trim());
      const secret = newPassword(bytesIn(visit));
      const work = async () => {
        const passwordHash = await hashPassword(secret);
        if (staff === undefined) await users.change(name, { passwordHash }, author);
        else await users.add({ name, staff, passwordHash, tokenHash: null }, author);
      };
      return [`New password of ${name}. Copy it now; it isn't shown again.`, work, secret];
    };
  const changing =
    (change: UserChange): Press =>
    ({ author }, name) => [`Saved ${name}.`, () => users.change(name, change, author)];

  return panelRoutes(services, {
    ...{ audience: "staff", path: "/admin/users", title: "Users", read },
    buttons: {
      add_user: ["Add user", withNewPassword(false)],
      add_staff: ["Add staff user", withNewPassword(true)],
      reset_password: ["Reset password", withNewPassword(), "Reset the password of", resets],
      grant_staff: ["Grant staff access", changing({ staff: true })],
      revoke_staff: ["Revoke staff access", changing({ staff: false }), "Revoke staff access from", revokes],
      enable: ["Enable", changing({ active: true })],
      disable: ["Disable", changing({ active: false }), "Disable", "All sessions end, and tokens stop working."],
    },
  });
}
