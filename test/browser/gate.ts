/** A proxy that can cut the connection to a service, and counts open event streams. */

export function openGate(target: string) {
  let isShut = false;
  const streams = new Set<() => void>();

  const pass = async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const body = method === "POST" ? await request.arrayBuffer() : null;
    const response = await fetch(target + pathname + search, {
      method,
      headers,
      body,
      redirect: "manual",
      decompress: false,
    });
    return pathname === "/events" ? counted(response) : response;
  };

  const counted = ({ body, headers }: Response) => {
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    const end = () => {
      streams.delete(end);
      void reader.cancel();
    };
    streams.add(end);
    const passed = new ReadableStream<Uint8Array>({
      async pull(stream) {
        const { done, value } = await reader.read();
        if (done) stream.close();
        else stream.enqueue(value);
      },
      cancel: end,
    });
    return new Response(passed, { headers });
  };

  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (request) => (isShut ? new Response("shut", { status: 503 }) : pass(request)),
  });
  const { port } = server;
  return {
    url: `http://127.0.0.1:${port}`,
    /** The same with a host that browsers don't treat as local: plain HTTP, as in an observatory's network. */
    plainUrl: `http://observatory.test:${port}`,
    /** The number of open event streams. */
    streams: () => streams.size,
    /** Ends all streams, and rejects all requests. */
    shut() {
      isShut = true;
      for (const end of streams) end();
    },
    open() {
      isShut = false;
    },
    stop: () => server.stop(true),
  };
}
