/** Raw requests: bytes that no client would send, over a socket, and the bytes that come back. */

import { connect } from "node:net";
import type { Service } from "./harness.ts";

/** Sends the bytes and reads until the service closes the connection, or says nothing for a while. */
export const sendRaw = (service: Pick<Service, "url">, bytes: string, quietMillis = 250): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(service.url);
    const pieces: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(quietMillis, () => socket.destroy());
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    socket.on("error", () => {});
    socket.on("close", () => resolve(Buffer.concat(pieces).toString("latin1")));
  });

/** The statuses of all answers in what came back. */
export const statusesOf = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
