/** What is logged, and what of each request. */

export type Details = Readonly<Record<string, unknown>>;

export const levels = ["info", "warn", "error"] as const;

export type Level = (typeof levels)[number];

/** What is told of each request. */
export interface RequestLine {
  /** Names the request. */
  readonly id: string;
  readonly method: string;
  /** Without what stands behind the question mark, which may be anything. */
  readonly path: string;
  readonly status: number;
  /** How long the answer took. */
  readonly millis: number;
  /** The user whom it turned out to come from. */
  readonly user?: string | undefined;
}

/** Requests that are so many, and mostly answered so soon, that writing their lines would be a good part of the work. */
export interface FrequentRequests extends Pick<RequestLine, "method" | "path"> {
  readonly ids: RequestIds;
}

/** Names requests: short enough to be read out, and told from those of another process by how they begin. */
export interface RequestIds {
  readonly prefix: string;
  /** What follows in the name of the next one. */
  next(): number;
}

export function createRequestIds(): RequestIds {
  let count = 0;
  return { prefix: `${crypto.randomUUID().slice(0, 8)}-`, next: () => ++count };
}

export interface Log extends Readonly<Record<Level, (message: string, details?: Details) => void>> {
  readonly request: (line: RequestLine) => void;
  /** @returns writes the line of one more such request; of two in the same millisecond, the later one's may come first */
  readonly frequent: (requests: FrequentRequests) => (status: number, millis: number) => void;
}
