/** nginx in front of every service that a browser visits, over TLS and below a path: `TEST_PROXY=nginx npm run test:browser`. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether browsers visit services through nginx. */
export const isProxied = process.env.TEST_PROXY === "nginx";

let started: Promise<string> | undefined;

/**
 * Returns the address at which a service is published. Each service has a path of its own, which has its port.
 * @param url of the service
 */
export async function publicAddressOf(url: string): Promise<{ origin: string; path: string }> {
  const { hostname, port, origin } = new URL(url);
  if (!isProxied || hostname !== "127.0.0.1") return { origin, path: "" };
  started ??= startNginx();
  return { origin: await started, path: `/downtime-${port}` };
}

async function startNginx(): Promise<string> {
  for (const program of ["nginx", "openssl"])
    if (!Bun.which(program)) throw new Error(`TEST_PROXY=nginx needs ${program}`);
  const folder = mkdtempSync(join(tmpdir(), "downtime-nginx-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const made = Bun.spawnSync([
    ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"],
    ...["-keyout", key, "-out", certificate],
  ]);
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
  const socket = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = socket;
  socket.stop(true);
  await Bun.write(join(folder, "nginx.conf"), configuration(folder, port));
  // Ends with this process, however that ends: then `cat` does.
  const script = `nginx -c ${folder}/nginx.conf & cat; kill $!; wait; rm -r ${folder}`;
  Bun.spawn(["sh", "-c", script], { stdin: "pipe", stdout: "ignore", stderr: "ignore" });
  const origin = `https://127.0.0.1:${port}`;
  // A test that waits in vain for nginx times out.
  const answers = () => fetch(origin, { tls: { rejectUnauthorized: false } }).catch(() => undefined);
  while (!(await answers())) await Bun.sleep(10);
  return origin;
}

const configuration = (folder: string, port: number) => `
pid ${folder}/pid;
error_log ${folder}/errors;
daemon off;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/certificate.pem;
    ssl_certificate_key ${folder}/key.pem;
    client_max_body_size 4m;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto https;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_buffering off;
    proxy_set_header X-Forwarded-Prefix $prefix;
    set $prefix "";
    location ~ ^/downtime-(?<service>[0-9]+)(?<rest>/.*)$ {
      set $prefix /downtime-$service;
      rewrite ^ $rest break;
      proxy_pass http://127.0.0.1:$service;
    }
  }
}
`;
