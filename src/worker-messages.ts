/** The messages between the main thread and its workers. */

import type { Found } from "./auth/authenticate.ts";
import type { Keys } from "./auth/settings.ts";
import type { Config } from "./config.ts";
import type { TruncationLog } from "./downtime/api.ts";
import type { ConfigdbState } from "./facility/configdb.ts";
import type { Site } from "./facility/facility.ts";
import type { Level } from "./http/request-log.ts";
import type { Problem } from "./input/problem.ts";

/** The data to start a worker with. */
export interface WorkerStart {
  readonly config: Config;
  readonly keys: Keys & { readonly installation: string };
  /** Identifies the SQLite file; undefined for PostgreSQL. */
  readonly file: string | undefined;
}

/** A request as sent to a worker. */
export interface WorkerRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: [string, string][];
  readonly body: ArrayBuffer | undefined;
  /** The request's id. */
  readonly id: string;
  readonly address: string;
  /** As of `basePathOf`. */
  readonly base: string;
  readonly found: Found | { readonly problem: Pick<Problem, "status" | "detail" | "headers"> };
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type ToWorker =
  | { readonly kind: "begin"; readonly start: WorkerStart }
  /** `sites` is undefined if unchanged. */
  | { readonly kind: "facility"; readonly sites: readonly Site[] | undefined; readonly state: ConfigdbState }
  | { readonly kind: "ask"; readonly number: number; readonly sent: WorkerRequest }
  /** The client has received the previous piece. */
  | { readonly kind: "more"; readonly number: number }
  /** The client has disconnected. */
  | { readonly kind: "stop"; readonly number: number }
  | { readonly kind: "close" };

export type FromWorker =
  | {
      readonly kind: "answer";
      readonly number: number;
      readonly status: number;
      readonly headers: [string, string][];
      /** The whole body; undefined if pieces follow on request. */
      readonly bytes: ArrayBuffer | undefined;
    }
  | { readonly kind: "piece"; readonly number: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "end"; readonly number: number }
  | { readonly kind: "failed"; readonly number: number; readonly message: string }
  | { readonly kind: "log"; readonly level: Level; readonly message: string; readonly details: object }
  | { readonly kind: "cut"; readonly notice: Parameters<TruncationLog> }
  | { readonly kind: "closed" };
