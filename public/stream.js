// The stream of server-sent events: one for all windows of a browser in a SharedWorker, or one for each window without.
// With HTTP/1.1, browsers open at most six connections to a server, which a stream for each window would use up.

/** Beside this script's folder, also where a proxy puts the service below a path. */
const eventsUrl = new URL("../events", globalThis.document?.currentScript.src ?? location.href);

/** The server sends something every 15 s; after this time without, the connection counts as lost. */
const silentMillis = 20_000;

/**
 * Connects to the stream, and reconnects when the connection is lost.
 * @param receive called with each message, and with undefined when the connection is lost
 */
function followStream(receive) {
  let stream;
  let timer;
  let retryMillis = 1000;

  const lose = () => {
    close();
    receive(undefined);
    timer = setTimeout(connect, retryMillis);
    retryMillis = Math.min(retryMillis * 2, 30_000);
  };

  const connect = () => {
    close();
    stream = new EventSource(eventsUrl);
    stream.onerror = lose;
    stream.onmessage = ({ data, lastEventId }) => {
      clearTimeout(timer);
      timer = setTimeout(lose, silentMillis);
      retryMillis = 1000;
      receive({ time: data, version: lastEventId, heardAt: Date.now() });
    };
    timer = setTimeout(lose, silentMillis);
  };

  const close = () => {
    clearTimeout(timer);
    stream?.close();
  };

  connect();
  return { connect, close };
}

/** In the worker: forwards messages to all windows, and the last one to each new window. */
function shareStream() {
  const windows = new Set();
  let stream;
  let last;

  const broadcast = (message) => {
    last = message;
    for (const port of windows) port.postMessage(message);
  };

  const join = (port) => {
    windows.add(port);
    if (last) port.postMessage(last);
    else if (stream) stream.connect();
    stream ??= followStream(broadcast);
  };

  const leave = (port) => {
    windows.delete(port);
    if (windows.size > 0) return;
    stream?.close();
    stream = undefined;
    last = undefined;
  };

  globalThis.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => (data === "join" ? join : leave)(port);
  };
}

if ("SharedWorkerGlobalScope" in globalThis) shareStream();
