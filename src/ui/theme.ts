/** `/theme`: stores the selected colour theme in a cookie. */

import { readText } from "../http/body.ts";
import { createRoutes } from "../http/request-context.ts";
import { safeNext } from "../http/same-origin.ts";
import { Malformed } from "../input/problem.ts";
import { themes } from "./layout.tsx";
import { themeCookie } from "./page-context.ts";

export function themeRoutes() {
  const choose = async (request: Request) => {
    const form = new URLSearchParams(await readText(request));
    const theme = themes.find((name) => name === form.get("theme"));
    if (!theme) throw new Malformed(`theme must be one of ${themes.join(", ")}`);
    return new Response(null, {
      status: 303,
      headers: { location: safeNext(form.get("next")), "set-cookie": themeCookie(theme) },
    });
  };
  return createRoutes("theme").post("/theme", ({ request }) => choose(request));
}
