/** Sends raw bytes over a socket, and reads the response's bytes. */

import { connect } from "node:net";
import type { Service } from "./harness.ts";

/** How long the service may take to begin its response, whatever else the machine does. */
const patienceMillis = 20_000;

/** Sends bytes, and reads until the service closes the connection, or is silent for a while after it has begun to respond. */
export const sendRaw = (service: Pick<Service, "url">, bytes: string, quietMillis = 250): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(service.url);
    const pieces: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(patienceMillis, () => socket.destroy());
    socket.on("data", (piece: Buffer) => {
      pieces.push(piece);
      socket.setTimeout(quietMillis);
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(Buffer.concat(pieces).toString("latin1")));
  });

/** The statuses of all responses. */
export const statusesOf = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
