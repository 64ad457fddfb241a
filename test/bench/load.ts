/**
 * The load: a process of its own that sends requests over open connections, each as soon as the answer to the one before
 * is there. It is told what to do as JSON in its argument, and tells what it saw as JSON on standard output.
 */

import { type AskName, asks, createRandom, type Ground } from "./questions.ts";
import { exampleFacility } from "./servers.ts";

export interface Order {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** The same path again and again, or a kind of question, another one each time. */
  readonly path?: string;
  readonly ask?: AskName;
  /** Rows in the set that is asked. */
  readonly rows?: number;
  readonly seed?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends a downtime of its own with each request. */
  readonly posts?: boolean;
}

export interface Outcome {
  readonly perSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  /** Status → how many answers had it. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly bytesPerAnswer: number;
}

const order: Order = JSON.parse(process.argv[2] ?? "{}");
const ground: Ground = { rows: order.rows ?? 0, facility: exampleFacility };
const random = createRandom(order.seed ?? 1);
const headers = Object.entries({ host: "127.0.0.1", ...order.headers })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");
const same = order.path && Buffer.from(`GET ${order.path} HTTP/1.1\r\n${headers}\r\n`);
let posted = 0;

function nextRequest(): Buffer {
  if (same) return same;
  if (order.ask) return Buffer.from(`GET ${asks[order.ask](random, ground)} HTTP/1.1\r\n${headers}\r\n`);
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

/** One connection: what of the answer's head is there, how much is still to come, and when its request was sent. */
interface Wire {
  head: string;
  got: number;
  missing: number;
  sentAt: number;
}

function send(socket: { write(data: Buffer): number }, wire: Wire): void {
  wire.sentAt = performance.now();
  socket.write(nextRequest());
}

/** Reads the head of an answer, which may come in pieces. @returns how much is still to come; at least 1 within the head */
function begin(wire: Wire, data: Buffer): number {
  wire.head += data.toString("latin1", 0, Math.min(data.length, 2048));
  wire.got += data.length;
  const end = wire.head.indexOf("\r\n\r\n") + 4;
  if (end < 4) return 1;
  const status = wire.head.slice(9, 12);
  statuses[status] = (statuses[status] ?? 0) + 1;
  const length = status === "304" ? "0" : /\r\ncontent-length: (\d+)/i.exec(wire.head)?.[1];
  if (length === undefined) throw new Error(`an answer that can't be measured here:\n${wire.head}`);
  const missing = end + Number(length) - wire.got;
  wire.head = "";
  wire.got = 0;
  return missing;
}

let open = 0;
const allClosed = Promise.withResolvers<void>();

const connect = () =>
  Bun.connect<Wire>({
    hostname: "127.0.0.1",
    port: order.port,
    data: { head: "", got: 0, missing: 0, sentAt: 0 },
    socket: {
      open: (socket) => send(socket, socket.data),
      data(socket, data) {
        const wire = socket.data;
        bytes += data.length;
        const isBody = wire.missing > 0 && wire.got === 0;
        wire.missing = isBody ? wire.missing - data.length : begin(wire, data);
        if (wire.missing > 0) return;
        millis.push(performance.now() - wire.sentAt);
        if (ends) socket.end();
        else send(socket, wire);
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
  bytesPerAnswer: bytes / count,
};
// What the server has still to answer would otherwise be its work while somebody else is measured.
await allClosed.promise;
process.stdout.write(JSON.stringify(outcome));
process.exit(0);
