/** Receivers of notifications: an HTTP server whose behaviour can be changed, and a real SMTP server. */

import { createServer, type Socket } from "node:net";
import { SMTPServer } from "smtp-server";

/** What a webhook receiver got. */
export interface Received {
  readonly key: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Waits until a condition holds. */
export async function until<Result>(what: () => Result | Promise<Result>, seconds = 30): Promise<NonNullable<Result>> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const result = await what();
    if (result) return result;
    if (performance.now() > end) throw new Error(`it didn't happen within ${seconds} s: ${what}`);
    await Bun.sleep(20);
  }
}

/** A webhook receiver. It answers 200 unless set otherwise. */
export function startReceiver() {
  const got: Received[] = [];
  let respond: (request: Request) => Response | Promise<Response> = () => new Response("ok");
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body = await request.text();
      got.push({ key: request.headers.get("webhook-id") ?? "", headers: request.headers, body });
      return respond(request);
    },
  });
  return {
    url: server.url.href,
    got,
    /** The titles of the messages, in the order in which they came. */
    titles: () => got.map(({ body }) => JSON.parse(body).title as string),
    respond(how: typeof respond) {
      respond = how;
    },
    stop: () => server.stop(true),
  };
}

/** A TCP server that does something else than HTTP. */
export async function startLiar(work: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => work(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { url: `http://127.0.0.1:${port}/`, stop: () => server.close() };
}

/** An SMTP server that keeps what it gets. */
export async function startMail() {
  const got: { readonly to: readonly string[]; readonly text: string }[] = [];
  let refuse = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo(address, _, done) {
      done(/unknown/.test(address.address) ? new Error("no such user") : undefined);
    },
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        if (refuse) return done(new Error("try again later"));
        got.push({ to: session.envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(pieces).toString() });
        done();
      });
    },
  });
  const listening = server.listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  const address = listening.address();
  return {
    url: `smtp://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    got,
    refuse(value: boolean) {
      refuse = value;
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
