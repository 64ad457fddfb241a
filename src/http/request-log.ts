/** The interface of the log. */

export type Details = Readonly<Record<string, unknown>>;

export const levels = ["info", "warn", "error"] as const;

export type Level = (typeof levels)[number];

export interface RequestLine {
  readonly id: string;
  readonly method: string;
  /** Without the query, which may contain secrets. */
  readonly path: string;
  readonly status: number;
  readonly millis: number;
  readonly user?: string | undefined;
  readonly address?: string | undefined;
}

export interface Log extends Readonly<Record<Level, (message: string, details?: Details) => void>> {
  readonly request: (line: RequestLine) => void;
}
