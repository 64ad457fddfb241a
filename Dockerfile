# syntax=docker/dockerfile:1
# The one-file build and the libraries it is linked to: no shell, no tools, no root.

FROM oven/bun:1.4.5-slim AS build
WORKDIR /app
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile --production --ignore-scripts
COPY . .
RUN bun build.ts --image && mv dist/image /image

FROM scratch
# Built without Docker or a registry: `npm run build -- --image && buildah build --build-context build=dist .`
COPY --from=build /image/root /
# The one place that is written to, and only when SQLite is the engine.
COPY --from=build --chown=65532:65532 /image/data /data
ENV HOST=0.0.0.0 PORT=8000 DB_NAME=/data/db.sqlite3
WORKDIR /data
VOLUME /data
USER 65532:65532
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s --retries=3 CMD ["/downtime", "health"]
ENTRYPOINT ["/downtime"]
CMD ["serve"]
