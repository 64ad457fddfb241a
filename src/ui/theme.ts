/** `/theme`: stores the selected colour theme, and which local times are shown, in cookies. */

import { readText } from "../http/body.ts";
import { safeNext } from "../http/hosts.ts";
import { createRoutes } from "../http/request-context.ts";
import { Malformed } from "../input/problem.ts";
import { choiceCookie, themes, timesChoices } from "./page-context.ts";

export function themeRoutes() {
  const choose = async (request: Request) => {
    const form = new URLSearchParams(await readText(request));
    const theme = themes.find((name) => name === form.get("theme"));
    const times = timesChoices.find((name) => name === form.get("times"));
    if (!theme && !times)
      throw new Malformed(`theme must be one of ${themes.join(", ")}, or times one of ${timesChoices.join(", ")}`);
    return new Response(null, {
      status: 303,
      headers: {
        location: safeNext(form.get("next")),
        "set-cookie": times ? choiceCookie("times", times) : choiceCookie("theme", theme ?? "system"),
      },
    });
  };
  return createRoutes("theme").post("/theme", ({ request }) => choose(request));
}
