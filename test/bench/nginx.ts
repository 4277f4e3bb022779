/** nginx twice: as the origin behind all contestants, and as a reverse proxy among them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, freePort, startChild } from './children.ts'
import { documents, originBody } from './documents.ts'

export interface Server extends Child {
  readonly port: number
}

export function startNginxOrigin(folder: string): Promise<Server> {
  for (const [path, text] of Object.entries(documents)) writeFileSync(fileOf(folder, path), text)
  return startNginx(
    folder,
    (port) => `server {
    listen 127.0.0.1:${port} backlog=1024;
    location / {
      default_type application/json;
      add_header Cache-Control no-store;
      add_header ETag '"abc"';
      return 200 '${originBody}';
    }
    ${Object.keys(documents)
      .map(
        (path) =>
          `location = ${path} { default_type application/json; alias ${fileOf(folder, path)}; }`,
      )
      .join('\n    ')}
  }`,
  )
}

/** More than a directive takes stands in a file. */
const fileOf = (folder: string, path: string) => join(folder, `origin${path.replace('/', '-')}`)

const upstreamOf = (origin: string) =>
  `upstream origin { server ${new URL(origin).host}; keepalive 64; keepalive_requests 10000000; }`

/** With the fields that a gateway adds, and connections to the origin that stay open. */
export function startNginxProxy(folder: string, origin: string): Promise<Server> {
  return startNginx(
    folder,
    (port) => `${upstreamOf(origin)}
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location /api/v1/users/ {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-ID $request_id;
    }
  }`,
  )
}

/** Keeps every answer for an hour, whatever the origin says; one request at a time fills. */
export function startNginxCache(folder: string, origin: string): Promise<Server> {
  return startNginx(
    folder,
    (port) => `${upstreamOf(origin)}
  proxy_cache_path ${join(folder, 'cache')} keys_zone=answers:10m;
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location /api/v1/users/ {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache answers;
      proxy_cache_key $scheme$http_host$request_uri;
      proxy_cache_valid 200 1h;
      proxy_cache_lock on;
      proxy_ignore_headers Cache-Control Expires;
      add_header X-Cache $upstream_cache_status;
    }
  }`,
  )
}

async function startNginx(folder: string, server: (port: number) => string): Promise<Server> {
  const port = await freePort()
  const path = join(folder, `nginx-${port}.conf`)
  // One process: its CPU is all there is to count.
  writeFileSync(
    path,
    `worker_processes 1;
daemon off;
master_process off;
pid ${join(folder, `nginx-${port}.pid`)};
error_log /dev/null;
events { worker_connections 2048; }
http {
  access_log off;
  keepalive_requests 10000000;
  ${server(port)}
}
`,
  )
  const child = await startChild('nginx', ['-c', path], port)
  return { port, ...child }
}
