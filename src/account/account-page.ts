/** `/account`: the user's own tokens, sessions and password. `/admin/sign-out`. */

import { hashPassword, hashToken, newSecret } from "../auth/secrets.ts";
import { sessionHashOf } from "../auth/session-store.ts";
import { portalToken, type Tokens } from "../auth/token-store.ts";
import { checkPassword, checkTokenName } from "../auth/user.ts";
import type { Users } from "../auth/user-store.ts";
import { readText } from "../http/body.ts";
import { checkSameOrigin } from "../http/path.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { Problem } from "../input/problem.ts";
import { spellInstant, toStamp } from "../time/instant.ts";
import { bytesIn, type Panel, type Press, panelRoutes, sendPanels } from "./panels-page.tsx";
import { checkSignIn } from "./sign-in-page.tsx";
import { type StaffPageServices, sendOn, type Visit } from "./staff-page.ts";

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
  hint: "8 to 1000 characters. All other sessions end; API tokens still work.",
  fields: [
    { name: "old_password", label: "Current password", type: "password", autocomplete: "current-password" },
    { name: "new_password", label: "New password", type: "password", autocomplete: "new-password" },
  ],
  buttons: { set_password: "" },
};

export function accountRoutes(services: AccountServices) {
  const { auth, users, tokens } = services;

  const read = async ({ context, user }: Visit) => [
    {
      title: "API tokens",
      hint: "Programs send a token in the header Authorization, after the word Token. It has your rights. Create one for each program.",
      columns: ["Name", "Created (UTC)", "Last used (to the hour)"],
      rows: (await tokens.list(user.name)).map(({ name, created, lastUsed }) => ({
        cells: [name, created ? spellInstant(created) : "Unknown", lastUsed ? spellInstant(lastUsed) : "Never"],
        buttons: name === portalToken ? {} : { revoke_token: name },
      })),
      fields: [{ name: "token_name", label: "Name of a new token", hint: "For example, the program that uses it." }],
      buttons: { create_token: "" },
    },
    {
      title: "Sessions",
      columns: ["Browser", "Address", "Since (UTC)", "Last seen (UTC)"],
      rows: (await auth.listSessions(user)).map(({ id_hash, browser, address, created, seen }) => {
        const isThis = id_hash === sessionHashOf(context.request);
        const name = `${browser ?? "Unknown"}${isThis ? " (this one)" : ""}`;
        return {
          about: `session of ${name}`,
          cells: [name, address ?? "Unknown", spellInstant(created), spellInstant(seen)],
          buttons: isThis ? {} : { end_session: id_hash },
        };
      }),
      buttons: { end_others: "" },
    },
    (await users.find(user.id))?.portal ? portalPassword : ownPassword,
  ];

  const setPassword = async ({ context, user, form, author }: Visit) => {
    const found = await checkSignIn(auth, user.name, form.get("old_password") ?? "", context);
    if (found instanceof Problem) {
      // Sent twice, the old password is wrong the second time.
      await users.refuseRepetition(author);
      throw found.status === 422 ? new Problem(422, "The current password is missing or wrong.") : found;
    }
    const passwordHash = await hashPassword(checkPassword(form.get("new_password") ?? ""));
    await users.change(user.name, { passwordHash }, author, sessionHashOf(context.request));
  };

  const createToken: Press = (visit) => {
    const { user, form, author } = visit;
    const name = checkTokenName((form.get("token_name") ?? "").trim());
    const secret = newSecret(bytesIn(visit));
    const token = { name, hash: hashToken(secret), created: toStamp(author.at) };
    const done = `Created token ${name}. Copy it now; it isn't shown again.`;
    return [done, () => tokens.put(user.name, token, author), secret];
  };

  const revokeToken: Press = ({ user, author }, name) => [
    `Revoked ${name}.`,
    () => tokens.revoke(user.name, name, author),
  ];
  const endSession: Press = ({ user }, only) => ["Session ended.", () => auth.endSessions(user, { only })];
  const endOthers: Press = ({ context, user }) => {
    const except = sessionHashOf(context.request) ?? "";
    return ["All other sessions ended.", () => auth.endSessions(user, { except })];
  };

  return panelRoutes(services, {
    ...{ audience: "user", path: "/account", title: "My account", read },
    buttons: {
      create_token: ["Create token", createToken],
      revoke_token: ["Revoke", revokeToken, "Revoke the token", "Programs that use it lose access for good."],
      end_session: ["End", endSession],
      end_others: ["End all other sessions", endOthers],
      set_password: ["Change password", (visit) => ["Password changed.", () => setPassword(visit)]],
    },
  });
}

export function signOutRoutes({ auth, getPageContext }: Pick<StaffPageServices, "auth" | "getPageContext">) {
  const show = async (context: RequestContext) => {
    const pageContext = await getPageContext(context);
    const { user, csrf } = pageContext.visitor;
    if (!user || csrf === undefined) return sendOn(context.request, "/admin/sign-in");
    const panel = { title: `Signed in as ${user.name}`, buttons: { sign_out: "", everywhere: "yes" } };
    const buttons = { sign_out: ["Sign out"], everywhere: ["Sign out everywhere"] } as const;
    return sendPanels({ context, pageContext, csrf }, "Sign out", [panel], buttons);
  };
  const signOut = async (context: RequestContext) => {
    const { request } = context;
    checkSameOrigin(request);
    const { csrf } = await auth.visit(request);
    if (csrf !== undefined) {
      const form = new URLSearchParams(await readText(request));
      const user = await auth.requireUser(request, { csrf: form.get("csrf") });
      if (form.get("everywhere")) await auth.endSessions(user);
    }
    const answer = sendOn(request, "/");
    answer.headers.set("set-cookie", await auth.endSession(request));
    return answer;
  };
  return createRoutes("sign-out").get("/admin/sign-out", serving(show)).post("/admin/sign-out", serving(signOut));
}
