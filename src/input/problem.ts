/** Problems: everything that can be wrong with a request, with the texts that clients already know. */

/** What kind of mistake it was, as the HTTP status that says so, and what to tell whoever asked. */
export class Problem extends Error {
  /** @param headers further headers of the answer, such as `Retry-After` */
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = new.target.name;
  }

  /** The answer's JSON. */
  body(): unknown {
    return { detail: this.detail };
  }
}

/** The request can't be read at all. */
export class Malformed extends Problem {
  constructor(detail: string) {
    super(400, detail);
  }
}

/** Field → texts; rules across fields stand under `non_field_errors`. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

/** The request was read and breaks rules; every bad field is named at once. */
export class Invalid extends Problem {
  constructor(readonly errors: FieldErrors) {
    super(400, linesOf(errors).join("; "));
  }

  /** What is wrong, a line a field, for people. */
  get lines(): readonly string[] {
    return linesOf(this.errors);
  }

  override body(): unknown {
    return this.errors;
  }
}

/** The key of `FieldErrors` for rules across fields. */
export const acrossFields = "non_field_errors";

const linesOf = (errors: FieldErrors) =>
  Object.entries(errors).map(([field, texts]) => `${field === acrossFields ? "" : `${field}: `}${texts.join(" ")}`);

/** Nobody, or somebody who can't prove it. */
export class Unauthenticated extends Problem {
  constructor(detail = "Authentication credentials were not provided.") {
    super(401, detail, { "www-authenticate": 'Basic realm="downtime", Token' });
  }
}

/** Somebody who may not do this. */
export class Forbidden extends Problem {
  constructor(detail = "You do not have permission to perform this action.") {
    super(403, detail);
  }
}

/** The form doesn't belong to the session that sends it: somebody signed in again since it was opened. */
export class StaleForm extends Forbidden {
  constructor() {
    super("The CSRF token is missing or no longer good. Load the page again, then try once more.");
  }
}

/** There is no such thing. */
export class NotFound extends Problem {
  constructor(detail = "Not found.") {
    super(404, detail);
  }
}

/** The path exists, but not for this method. */
export class MethodNotAllowed extends Problem {
  constructor(method: string, allowed: string) {
    super(405, `Method "${method}" not allowed.`, { allow: allowed });
  }
}

/** It would contradict what is stored. */
export class Conflict extends Problem {
  constructor(detail: string) {
    super(409, detail);
  }
}

/** It isn't there any more, and won't come back. */
export class Gone extends Problem {
  constructor(detail: string) {
    super(410, detail);
  }
}

/** It was changed since whoever asks has seen it. */
export class PreconditionFailed extends Problem {
  /** @param etag of what is stored now */
  constructor(etag: string) {
    super(412, "It was changed since you read it. Read it again, then decide.", { etag });
  }
}

/** The body is larger than the service reads. */
export class TooLarge extends Problem {
  constructor(detail: string) {
    super(413, detail);
  }
}

/** The client takes too long to send. */
export class TooSlow extends Problem {
  constructor(detail: string) {
    super(408, detail, { connection: "close" });
  }
}

/** The body is in a format that nobody here reads. */
export class UnsupportedMediaType extends Problem {
  constructor(mediaType: string) {
    super(415, `Unsupported media type "${mediaType}" in request.`);
  }
}

/** Too many failed attempts. */
export class Throttled extends Problem {
  constructor(retryAfterSeconds: number) {
    super(429, `Too many failed sign-ins. Try again in ${retryAfterSeconds} s.`, {
      "retry-after": String(retryAfterSeconds),
    });
  }
}

/** One client has as many streams open as it may. */
export class TooManyStreams extends Problem {
  /** @param noun what the streams are, in the plural */
  constructor(noun: string, most: number) {
    super(429, `Too many ${noun} are open from your address (limit ${most}). Close some, then try again.`, {
      "retry-after": "30",
    });
  }
}

/** Whoever asked has gone, so that nobody gets this answer; the status stands in the log alone, as other servers write it. */
export class GivenUp extends Problem {
  constructor() {
    super(499, "The client closed the connection.");
  }
}

/** Something that the service rests on doesn't answer; the same request may succeed later. */
export class Unavailable extends Problem {
  constructor(detail: string, retryAfterSeconds = 5) {
    super(503, detail, { "retry-after": String(retryAfterSeconds) });
  }
}

/** Nothing is broken, but too much is asked for at once. */
export class Overloaded extends Unavailable {}
