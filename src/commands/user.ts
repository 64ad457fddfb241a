/** `user`: makes and looks after the users who sign in here. */

import { Argument, type Command } from "commander";
import { hashPassword, hashToken, newPassword, newSecret } from "../auth/secrets.ts";
import { checkToken, checkUserName } from "../domain/user.ts";
import { Refused, type Run, say } from "./parts.ts";
import { readText } from "./text-file.ts";

interface AddOptions {
  readonly staff?: boolean;
  readonly token?: string;
  readonly passwordStdin?: boolean;
}

export function addUser(program: Command, run: Run): void {
  const user = program.command("user").description("make and look after users");

  user
    .command("add")
    .description("make a user; what isn't given is made up and shown once")
    .argument("<name>")
    .option("--staff", "may create, change and delete downtimes")
    .option("--token <token>", "the API token, of 10 characters or more, instead of a random one")
    .option("--password-stdin", "read the password from standard input")
    .action((name: string, { staff = false, token, passwordStdin }: AddOptions) =>
      run(async ({ users }) => {
        const apiToken = token === undefined ? newSecret() : checkToken(token);
        const password = passwordStdin ? await readPassword() : newPassword();
        await users.add({
          name: checkUserName(name),
          staff,
          passwordHash: await hashPassword(password),
          tokenHash: hashToken(apiToken),
        });
        say(`Added ${staff ? "staff user" : "user"} ${name}`);
        if (!passwordStdin) say(`Password: ${password}`);
        if (token === undefined) say(`Token: ${apiToken}`);
      }),
    );

  user
    .command("list")
    .description("show all users")
    .action(() =>
      run(async ({ users }) => {
        for (const { name, staff, active } of await users.list())
          say([name, staff ? "staff" : "", active ? "" : "disabled"].filter(Boolean).join("\t"));
      }),
    );

  user
    .command("password")
    .description("set a password; without one from standard input, a random one that is shown once")
    .argument("<name>")
    .option("--password-stdin", "read the password from standard input")
    .action((name: string, { passwordStdin }: AddOptions) =>
      run(async ({ users }) => {
        const password = passwordStdin ? await readPassword() : newPassword();
        await users.setPasswordHash(name, await hashPassword(password));
        say(passwordStdin ? `The password of ${name} is set` : `Password: ${password}`);
      }),
    );

  user
    .command("staff")
    .description("give a user the rights of staff, or take them away")
    .argument("<name>")
    .addArgument(new Argument("<on|off>").choices(["on", "off"]))
    .action((name: string, staff: "on" | "off") =>
      run(async ({ users }) => {
        if ((await users.findByName(name))?.portal)
          throw new Refused(
            `${name} signs in through the Observation Portal, which says who is staff. Change it there.`,
          );
        await users.setStaff(name, staff === "on");
        say(`${name} is ${staff === "on" ? "" : "no longer "}staff`);
      }),
    );

  user
    .command("disable")
    .description("disable a user, and end all sessions; history is kept")
    .argument("<name>")
    .action((name: string) =>
      run(async ({ users }) => {
        await users.setActive(name, false);
        say(`Disabled ${name}`);
      }),
    );

  user
    .command("enable")
    .description("let a disabled user in again")
    .argument("<name>")
    .action((name: string) =>
      run(async ({ users }) => {
        await users.setActive(name, true);
        say(`Enabled ${name}`);
      }),
    );

  user
    .command("token")
    .description("replace a user's API token by a new one, which is shown once")
    .argument("<name>")
    .action((name: string) =>
      run(async ({ users }) => {
        const token = newSecret();
        await users.setTokenHash(name, hashToken(token));
        say(`Token: ${token}`);
      }),
    );
}

/** @throws Refused when nothing is there */
async function readPassword(): Promise<string> {
  const password = (await readText("-")).replace(/\r?\n$/, "");
  if (password === "") throw new Refused("There is no password on standard input.");
  return password;
}
