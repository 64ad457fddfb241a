/** The log: its levels, and what is logged of each request. */

export type Details = Readonly<Record<string, unknown>>;

export const levels = ["info", "warn", "error"] as const;

export type Level = (typeof levels)[number];

/** What is logged of each request. */
export interface RequestLine {
  /** The request's id. */
  readonly id: string;
  readonly method: string;
  /** Without the query, which may hold anything. */
  readonly path: string;
  readonly status: number;
  /** How long the answer took. */
  readonly millis: number;
  /** The user who sent it. */
  readonly user?: string | undefined;
}

export interface Log extends Readonly<Record<Level, (message: string, details?: Details) => void>> {
  readonly request: (line: RequestLine) => void;
}

/** Makes ids of requests: short enough to read out; those of one process share a random beginning. */
export function createRequestIds(): () => string {
  const prefix = crypto.randomUUID().slice(0, 8);
  let count = 0;
  return () => `${prefix}-${++count}`;
}
