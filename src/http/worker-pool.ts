/** The interface of the worker pool, which answers heavy requests. */

interface PoolRequest {
  /** The client's IP address. */
  readonly address: string;
  /** The client's network; undefined if unknown. */
  readonly network: string | undefined;
  /** The request's id. */
  readonly id: string;
  /** As of `basePathOf`. */
  readonly base: string;
  /** Goes first and is never rejected. */
  readonly isVital: boolean;
}

export interface WorkerPool {
  /** @throws Overloaded if too many requests are waiting */
  answer(request: Request, asked: PoolRequest): Promise<Response>;
}
