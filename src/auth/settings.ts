/** What authentication works with: stores, keys and clocks. */

import type { Log } from "../http/request-context.ts";
import type { Clock } from "../time/instant.ts";
import type { Portal } from "./portal.ts";
import type { Keys } from "./secrets.ts";
import type { Failures, Sessions } from "./session-store.ts";
import type { Tokens } from "./token-store.ts";
import type { WriteAccess } from "./user.ts";
import type { Users } from "./user-store.ts";

export interface AuthSettings extends Keys, Pick<Log, "info" | "warn"> {
  readonly users: Users;
  readonly failures: Failures;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly writeAccess: WriteAccess;
  /** Undefined if no portal is configured. */
  readonly portal: Portal | undefined;
  /** The key with which the portal pushes profiles; empty to reject all. */
  readonly serverKey: string;
  readonly clock: Clock;
  /** A monotonic clock, in milliseconds since 1970: setting the time of day back must not prolong a wait. */
  readonly steadyClock: Clock;
}
