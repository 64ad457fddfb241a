/**
 * A proxy that keeps sessions of PostgreSQL, and gives them to the next client that asks for an equal one: to start a session
 * costs more than most tests. Each client finds it like a new one (`ROLLBACK`, `DISCARD ALL`).
 */

import { connect, createServer, type Socket } from "node:net";

interface Session {
  /** The first message: which database, and with which settings. */
  readonly startup: Buffer;
  readonly server: Socket;
  /** Undefined while nobody uses it. */
  client: Socket | undefined;
  /** What the server said when it began. */
  greeting: Buffer | undefined;
  /** What it has said since the client came or left. */
  said: Buffer;
}

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const terminate = Buffer.from([0x58, 0, 0, 0, 4]);
const reset = Buffer.from("Q\0\0\0\x0dROLLBACK\0Q\0\0\0\x10DISCARD ALL\0", "latin1");

/** Whether the server has said everything, and waits for a statement. */
const isReady = (said: Buffer) => said.at(-6) === 0x5a && said.at(-2) === 5;

/** A proxy for a server. `url` is like that of a database; `end` ends what clients have left running there. */
export async function keepSessions(url: string) {
  const { hostname, port } = new URL(url);
  const used = new Set<Session>();
  const kept = new Map<string, Session[]>();

  const startSession = (startup: Buffer, key: string): Session => {
    const server = connect(Number(port), hostname).setNoDelay();
    const session: Session = { startup, server, client: undefined, greeting: undefined, said: Buffer.alloc(0) };
    server.on("error", () => {});
    server.on("data", (data: Buffer) => {
      session.client?.write(data);
      session.said = session.greeting && session.client ? data : Buffer.concat([session.said, data]);
      if (!isReady(session.said)) return;
      session.greeting ??= session.said;
      if (!session.client && session.said.includes("DISCARD ALL")) kept.set(key, [...(kept.get(key) ?? []), session]);
    });
    server.on("close", () => {
      session.client?.destroy();
      kept.set(key, kept.get(key)?.filter((one) => one !== session) ?? []);
    });
    server.write(startup);
    return session;
  };

  const serve = (client: Socket, startup: Buffer) => {
    const key = startup.toString("latin1");
    const session = kept.get(key)?.pop() ?? startSession(startup, key);
    session.client = client;
    used.add(session);
    if (session.greeting) client.write(session.greeting);
    client.on("data", (data: Buffer) => {
      if (data.equals(terminate)) return client.end();
      session.said = Buffer.alloc(0);
      session.server.write(data);
    });
    client.on("close", () => {
      session.client = undefined;
      used.delete(session);
      // In the middle of something: it ends like a client's own session.
      if (!session.greeting || !isReady(session.said)) return session.server.destroy();
      session.said = Buffer.alloc(0);
      session.server.write(reset);
    });
  };

  const proxy = createServer((client) => {
    client.setNoDelay().on("error", () => {});
    client.once("data", (data: Buffer) => {
      if (!data.equals(sslRequest)) return serve(client, data);
      client.once("data", (startup: Buffer) => serve(client, startup));
      client.write("N");
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    url: (database: string) =>
      Object.assign(new URL(url), { port: String(address.port), pathname: `/${database}` }).href,
    end(database: string) {
      for (const { server, startup } of used) if (startup.includes(`\0${database}\0`)) server.destroy();
    },
  };
}
