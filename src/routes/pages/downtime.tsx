/** @jsxImportSource @kitajs/html */
/** `/downtimes/{id}`: one downtime with its history; one that was deleted too. */

import type { Auth } from "../../auth/authenticate.ts";
import { stateOf } from "../../domain/downtime.ts";
import { type Clock, toInstant } from "../../domain/instant.ts";
import { NotFound } from "../../domain/problem.ts";
import { mayChange } from "../../domain/user.ts";
import type { Configdb } from "../../remote/configdb.ts";
import type { Downtimes } from "../../store/downtimes.ts";
import { Acts } from "../../views/admin/acts.tsx";
import { DowntimeView, titleOf } from "../../views/downtime.tsx";
import { Layout } from "../../views/layout.tsx";
import { type Caller, createRoutes } from "../caller.ts";
import { idOf, servingOne, type WithId } from "../id.ts";
import { type FrameOf, sendPage } from "./frame.ts";

export interface DowntimePageParts {
  readonly auth: Pick<Auth, "writeAccess">;
  readonly downtimes: Pick<Downtimes, "history">;
  readonly configdb: Configdb;
  readonly clock: Clock;
}

export function downtimePageRoutes({ auth, downtimes, configdb, clock }: DowntimePageParts, frameOf: FrameOf) {
  const show = async (caller: Caller & WithId) => {
    const id = idOf(caller);
    const [first, ...rest] = await downtimes.history(id);
    if (!first) throw new NotFound("There is no such downtime, and there never was.");
    const latest = rest.at(-1) ?? first;
    const zone = configdb.find()?.sites.find(({ code }) => code === latest.site)?.zone;
    const now = toInstant(clock());
    const frame = await frameOf(caller);
    const { user, csrf = "" } = frame.visitor;
    const may = user && mayChange(user, auth.writeAccess, first.by);
    const state = latest.action === "delete" ? "deleted" : stateOf(latest, now);
    return sendPage(
      <Layout {...frame} title={titleOf(latest)}>
        <DowntimeView id={id} versions={[first, ...rest]} zone={zone} now={now}>
          {may ? <Acts id={id} state={state} csrf={csrf} /> : null}
        </DowntimeView>
      </Layout>,
      caller.request,
    );
  };
  return createRoutes("downtime").get("/downtimes/:id", servingOne(show), { detail: { hide: true } });
}
