/** The interface of the workers that answer heavy requests. */

interface Asked {
  /** The client's IP address. */
  readonly address: string;
  /** The client's network; undefined if unknown. */
  readonly network: string | undefined;
  /** The request's id. */
  readonly id: string;
  /** Goes first and is never rejected. */
  readonly isVital: boolean;
}

export interface Elsewhere {
  /** @throws Overloaded if too many requests are waiting */
  answer(request: Request, asked: Asked): Promise<Response>;
}
