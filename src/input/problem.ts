/** Errors that become HTTP responses. Many texts are those of OCS Downtime, which clients parse. */

/** An error with its HTTP status and the text for the client. */
export class Problem extends Error {
  /** @param headers additional response headers, such as `Retry-After` */
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = new.target.name;
  }

  body(): unknown {
    return { detail: this.detail };
  }
}

/** A kind of problem that always has this status. @param standard the default text */
const withStatus = (status: number, standard = "") =>
  class extends Problem {
    constructor(detail = standard) {
      super(status, detail);
    }
  };

export class Malformed extends withStatus(400) {}

/** Field → texts; rules across fields are under `non_field_errors`. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

export class Invalid extends Problem {
  /** One line for each field, for people. */
  readonly lines: readonly string[];

  constructor(readonly errors: FieldErrors) {
    const lines = linesOf(errors);
    super(400, lines.join("; "));
    this.lines = lines;
  }

  override body(): unknown {
    return this.errors;
  }
}

/** The key of `FieldErrors` for rules across fields. */
export const acrossFields = "non_field_errors";
const linesOf = (errors: FieldErrors) =>
  Object.entries(errors).map(([field, texts]) => `${field === acrossFields ? "" : `${field}: `}${texts.join(" ")}`);

export class Unauthenticated extends Problem {
  constructor(detail = "Authentication credentials were not provided.") {
    super(401, detail, { "www-authenticate": 'Basic realm="downtime", Token' });
  }
}

export class Forbidden extends withStatus(403, "You do not have permission to perform this action.") {}

/** The form's CSRF token isn't the session's: the user signed in again after opening the form. */
export class StaleForm extends Forbidden {
  constructor() {
    super("CSRF token missing or invalid. Reload the page, then try again.");
  }
}

export class NotFound extends withStatus(404, "Not found.") {}

export class MethodNotAllowed extends Problem {
  constructor(method: string, allowed: string) {
    super(405, `Method "${method}" not allowed.`, { allow: allowed });
  }
}

export class Conflict extends withStatus(409) {}

export class Gone extends withStatus(410) {}

export class PreconditionFailed extends Problem {
  constructor(etag: string) {
    super(412, "This was modified since you read it. Read the current version, then try again.", { etag });
  }
}

export class TooLarge extends withStatus(413) {}

export class TooSlow extends Problem {
  constructor(detail: string) {
    super(408, detail, { connection: "close" });
  }
}

export class UnsupportedMediaType extends Problem {
  constructor(mediaType: string) {
    super(415, `Unsupported media type "${mediaType}" in request.`);
  }
}

export class Throttled extends Problem {
  constructor(seconds: number) {
    super(429, `Too many failed sign-ins. Try again in ${seconds} s.`, { "retry-after": String(seconds) });
  }
}

export class TooManyStreams extends Problem {
  constructor(noun: string, max: number) {
    const detail = `Too many ${noun} are open from your address (limit ${max}). Close some, then try again.`;
    super(429, detail, { "retry-after": "30" });
  }
}

/** The client disconnected. Only the log shows this status; 499 is nginx's convention. */
export class GivenUp extends Problem {
  constructor() {
    super(499, "The client closed the connection.");
  }
}

export class Unavailable extends Problem {
  constructor(detail: string, retryAfterSeconds = 5) {
    super(503, detail, { "retry-after": String(retryAfterSeconds) });
  }
}

export class Overloaded extends Unavailable {}

/** For `catch`: returns errors of a kind, and rethrows all others. */
export const tolerating =
  <Kind extends Error>(kind: new (...parts: never[]) => Kind) =>
  (error: unknown): Kind => {
    if (error instanceof kind) return error;
    throw error;
  };
