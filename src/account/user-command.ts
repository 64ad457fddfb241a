/** `user`: manages local users and their API tokens. */

import { Argument, type Command } from "commander";
import { hashPassword, hashToken, newPassword, newSecret } from "../auth/secrets.ts";
import { firstToken, type Tokens } from "../auth/token-store.ts";
import { checkToken, checkUserName } from "../auth/user.ts";
import type { UserChange, Users } from "../auth/user-store.ts";
import { commandLine, Refused, type Run, readText, say } from "../input/terminal.ts";
import { type Clock, toStamp } from "../time/instant.ts";

type AddOptions = { readonly staff?: boolean; readonly token?: string; readonly passwordStdin?: boolean };

type UserServices = { readonly users: Users; readonly tokens: Tokens; readonly clock: Clock };

export function addUser(program: Command, run: Run<UserServices>): void {
  const user = program.command("user").description("manage users");
  const add = (name: string, description: string) => user.command(name).description(description);
  const addOne = (name: string, description: string) => add(name, description).argument("<name>");
  const change = (name: string, change: UserChange, done: string) =>
    run(async ({ users, clock }) => {
      await users.change(name, change, authorAt(clock));
      say(done);
    });

  addOne("add", "create a user; missing values are generated and printed once")
    .option("--staff", "let the user create, edit and delete all downtimes, and manage users")
    .option("--token <token>", "API token with at least 10 characters, instead of a random one")
    .option("--password-stdin", "read the password from standard input")
    .action((name: string, { staff = false, token, passwordStdin }: AddOptions) =>
      run(async ({ users, clock }) => {
        const apiToken = token === undefined ? newSecret() : checkToken(token);
        const password = passwordStdin ? await readPassword() : newPassword();
        const hashes = { passwordHash: await hashPassword(password), tokenHash: hashToken(apiToken) };
        await users.add({ name: checkUserName(name), staff, ...hashes }, authorAt(clock));
        say(`Created ${staff ? "staff user" : "user"} ${name}`);
        if (!passwordStdin) say(`Password: ${password}`);
        if (token === undefined) say(`Token: ${apiToken}`);
      }),
    );

  add("list", "list all users").action(() =>
    run(async ({ users }) => {
      for (const { name, staff, active } of await users.list())
        say([name, staff ? "staff" : "", active ? "" : "disabled"].filter(Boolean).join("\t"));
    }),
  );

  addOne("password", "set a user's password; without --password-stdin, a random one is generated and printed once")
    .option("--password-stdin", "read the password from standard input")
    .action(async (name: string, { passwordStdin }: AddOptions) => {
      const password = passwordStdin ? await readPassword() : newPassword();
      const done = passwordStdin ? `Set the password of ${name}` : `Password: ${password}`;
      await change(name, { passwordHash: await hashPassword(password) }, done);
    });

  addOne("staff", "grant or revoke staff access")
    .addArgument(new Argument("<on|off>").choices(["on", "off"]))
    .action((name: string, staff: "on" | "off") => {
      const done = staff === "on" ? "Granted staff access to" : "Revoked staff access from";
      return change(name, { staff: staff === "on" }, `${done} ${name}`);
    });
  addOne("disable", "disable a user and end all sessions; history is kept").action((name: string) =>
    change(name, { active: false }, `Disabled ${name}`),
  );
  addOne("enable", "enable a disabled user").action((name: string) =>
    change(name, { active: true }, `Enabled ${name}`),
  );

  addOne("token", "replace all API tokens of a user with a new one, which is printed once").action((name: string) =>
    run(async ({ tokens, clock }) => {
      const token = newSecret();
      const stored = { name: firstToken, hash: hashToken(token), created: toStamp(clock()) };
      await tokens.put(name, stored, authorAt(clock), true);
      say(`Token: ${token}`);
    }),
  );
}

const authorAt = (clock: Clock) => ({ by: commandLine, at: clock() });

/** @throws Refused if the input is empty */
async function readPassword(): Promise<string> {
  const password = (await readText("-")).replace(/\r?\n$/, "");
  if (password === "") throw new Refused("No password on standard input.");
  return password;
}
