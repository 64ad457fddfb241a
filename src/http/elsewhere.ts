/** Elsewhere: where heavy requests are answered. */

interface Asked {
  /** The client's network address. */
  readonly address: string;
  /** Where the client is; undefined where nobody can tell. */
  readonly network: string | undefined;
  /** The request's id. */
  readonly id: string;
  /** It comes first, and is never refused. */
  readonly isVital: boolean;
}

export interface Elsewhere {
  /** @throws Unavailable when too many wait */
  answer(request: Request, asked: Asked): Promise<Response>;
}
