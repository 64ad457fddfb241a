# syntax=docker/dockerfile:1
# The service alone: no tests, no tools, no root.

FROM oven/bun:1.4.5-slim AS packages
WORKDIR /app
COPY package.json bun.lock ./
# The package `bun` is for machines without Bun; here it would be a second one.
RUN bun install --frozen-lockfile --production --ignore-scripts && rm -rf node_modules/bun node_modules/@oven node_modules/.bin

FROM oven/bun:1.4.5-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 DB_NAME=/data/db.sqlite3
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
# What .dockerignore lets in: the program, and nothing else.
COPY . .
# The one place that is written to, and only when SQLite is the engine.
RUN mkdir /data && chown bun:bun /data
VOLUME /data
USER bun
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s --retries=3 \
  CMD ["bun", "-e", "const { ok } = await fetch(`http://127.0.0.1:${process.env.PORT}/health`); process.exit(ok ? 0 : 1)"]
# Without a shell between, so that SIGTERM arrives.
ENTRYPOINT ["bun", "src/main.ts"]
CMD ["serve"]
