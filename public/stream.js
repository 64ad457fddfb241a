// The stream of server-sent events: one for all windows of a browser, in a SharedWorker, or one for each window where
// there is none. An HTTP/1.1 browser opens six connections to a server, and a stream for each window would take them all.

/** The server sends something every 15 s; a stream that is silent for longer is lost. */
const silentMillis = 20_000;

/**
 * Follows the stream, and finds it again when it is lost.
 * @param tell called with each message, and with undefined when the stream is lost
 */
function followStream(tell) {
  let stream;
  let timer;
  let retryMillis = 1000;

  const lose = () => {
    close();
    tell(undefined);
    timer = setTimeout(connect, retryMillis);
    retryMillis = Math.min(retryMillis * 2, 30_000);
  };

  const connect = () => {
    close();
    stream = new EventSource("/events");
    stream.onerror = lose;
    stream.onmessage = ({ data, lastEventId }) => {
      clearTimeout(timer);
      timer = setTimeout(lose, silentMillis);
      retryMillis = 1000;
      tell({ time: data, version: lastEventId, heardAt: Date.now() });
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

/** In the worker: the windows that want to hear, and what they were told last. */
function shareStream() {
  const windows = new Set();
  let stream;
  let last;

  const tell = (message) => {
    last = message;
    for (const port of windows) port.postMessage(message);
  };

  const join = (port) => {
    windows.add(port);
    if (last) port.postMessage(last);
    else if (stream) stream.connect();
    stream ??= followStream(tell);
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
