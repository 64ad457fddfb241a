/** The `health` command: checks a service that runs on this machine, as a container's health check does. */

import type { Command } from "commander";
import type { Config } from "./config.ts";
import { Refused, say } from "./input/terminal.ts";

/** Longer than the service takes to say that its database doesn't answer. */
const patienceMillis = 5500;

const everyAddress: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export function addHealth(program: Command, readConfig: () => Pick<Config, "HOST" | "PORT">): void {
  program
    .command("health")
    .description("check the running service: exit status 1 unless it works")
    .action(async () => {
      const { HOST, PORT } = readConfig();
      const host = everyAddress[HOST] ?? HOST;
      const url = `http://${host.includes(":") ? `[${host}]` : host}:${PORT}/health`;
      // ALLOWED_HOSTS always allows this name.
      const init = { headers: { host: "localhost" }, signal: AbortSignal.timeout(patienceMillis) };
      const answer = await fetch(url, init).catch(({ message }: Error) => {
        throw new Refused(`The service can't be reached at ${url}: ${message}`);
      });
      const text = await answer.text();
      if (!answer.ok) throw new Refused(text);
      say(text);
    });
}
