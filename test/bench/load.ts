/**
 * The load generator, a separate process: sends requests over persistent connections, each after the previous response.
 * Its argument is an `Order` as JSON; it prints an `Outcome` as JSON.
 */

import { createRandom, type QueriedDatabase, type QueryName, queries } from "./queries.ts";
import { exampleFacility } from "./servers.ts";

export interface Order {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** The path of every request; or else `query`, a kind of query with different parameters each time. */
  readonly path?: string;
  readonly query?: QueryName;
  /** Rows in the database. */
  readonly rows?: number;
  readonly seed?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Creates a downtime with each request. */
  readonly posts?: boolean;
}

export interface Outcome {
  readonly perSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  /** Status → number of responses. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly bytesPerResponse: number;
}

const order: Order = JSON.parse(process.argv[2] ?? "{}");
const database: QueriedDatabase = { rows: order.rows ?? 0, facility: exampleFacility };
const random = createRandom(order.seed ?? 1);
const headers = Object.entries({ host: "127.0.0.1", ...order.headers })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");
const fixedRequest = order.path && Buffer.from(`GET ${order.path} HTTP/1.1\r\n${headers}\r\n`);
let posted = 0;

function nextRequest(): Buffer {
  if (fixedRequest) return fixedRequest;
  if (order.query) return Buffer.from(`GET ${queries[order.query](random, database)} HTTP/1.1\r\n${headers}\r\n`);
  const start = new Date(Date.UTC(2030, 0) + 60_000 * posted++).toISOString();
  const end = new Date(Date.UTC(2040, 0)).toISOString();
  const body = JSON.stringify({
    start,
    end,
    site: "sud",
    enclosure: "doma",
    telescope: "1m0a",
    reason: `W${order.seed}`,
  });
  return Buffer.from(
    `POST /api/ HTTP/1.1\r\n${headers}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

const millis: number[] = [];
const statuses: Record<string, number> = {};
let bytes = 0;
let ends = false;

/** A connection: the received part of the response's head, the bytes still missing, and when the request was sent. */
interface Connection {
  head: string;
  got: number;
  missing: number;
  sentAt: number;
}

function send(socket: { write(data: Buffer): number }, connection: Connection): void {
  connection.sentAt = performance.now();
  socket.write(nextRequest());
}

/** Reads the head of a response, which may arrive in pieces. @returns the number of missing bytes; at least 1 until the head is complete */
function readHead(connection: Connection, data: Buffer): number {
  connection.head += data.toString("latin1", 0, Math.min(data.length, 2048));
  connection.got += data.length;
  const end = connection.head.indexOf("\r\n\r\n") + 4;
  if (end < 4) return 1;
  const status = connection.head.slice(9, 12);
  statuses[status] = (statuses[status] ?? 0) + 1;
  const length = status === "304" ? "0" : /\r\ncontent-length: (\d+)/i.exec(connection.head)?.[1];
  if (length === undefined) throw new Error(`Unsupported response without Content-Length:\n${connection.head}`);
  const missing = end + Number(length) - connection.got;
  connection.head = "";
  connection.got = 0;
  return missing;
}

let open = 0;
const allClosed = Promise.withResolvers<void>();

const connect = () =>
  Bun.connect<Connection>({
    hostname: "127.0.0.1",
    port: order.port,
    data: { head: "", got: 0, missing: 0, sentAt: 0 },
    socket: {
      open: (socket) => send(socket, socket.data),
      data(socket, data) {
        const connection = socket.data;
        bytes += data.length;
        const isBody = connection.missing > 0 && connection.got === 0;
        connection.missing = isBody ? connection.missing - data.length : readHead(connection, data);
        if (connection.missing > 0) return;
        millis.push(performance.now() - connection.sentAt);
        if (ends) socket.end();
        else send(socket, connection);
      },
      close() {
        open -= 1;
        if (open === 0) allClosed.resolve();
      },
    },
  });

const startedAt = performance.now();
open = order.connections;
await Promise.all(Array.from({ length: order.connections }, connect));
await Bun.sleep(order.seconds * 1000);
ends = true;
const seconds = (performance.now() - startedAt) / 1000;
const count = millis.length;
const sorted = Float64Array.from(millis).sort();
const outcome: Outcome = {
  perSecond: count / seconds,
  p50Millis: sorted[Math.floor(count * 0.5)] ?? Number.NaN,
  p99Millis: sorted[Math.floor(count * 0.99)] ?? Number.NaN,
  statuses,
  bytesPerResponse: bytes / count,
};
// Waits for open requests, so that they don't slow the next measurement.
await allClosed.promise;
process.stdout.write(JSON.stringify(outcome));
process.exit(0);
